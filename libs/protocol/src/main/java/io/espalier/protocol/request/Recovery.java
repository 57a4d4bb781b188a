package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonInclude;

/** Training after pruning. */
public record Recovery(Lora lora) {
    /**
     * LoRA on all seven linear layers.
     *
     * @param data         JSON or JSON lines with Alpaca keys ({@code instruction, input, output}) or {@code text}; or a
     *                     plain text file
     * @param batch        sequences per optimizer step
     * @param microBatch   sequences per forward pass
     * @param steps        optimizer steps; null means as many as the epochs give
     * @param warmup       steps of linear warm-up
     * @param validation   sequences held out
     * @param evaluateEvery steps between two validations
     * @param checkpointEvery steps between two checkpoints
     * @param trainOnInputs whether prompt tokens count in the loss
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Lora(String data, int rank, double alpha, double dropout, double learningRate, int batch,
            int microBatch, int epochs, int maxLength, Integer steps, int warmup, double weightDecay, double clip,
            int validation, int evaluateEvery, int checkpointEvery, boolean trainOnInputs) {
        /**
         * So many steps at most, validated at their end.
         *
         * @param warmupShare the warm-up is at most one in so many of them
         */
        public Lora shortened(int most, int warmupShare) {
            int fewer = steps == null ? most : Math.min(steps, most);
            return new Lora(data, rank, alpha, dropout, learningRate, batch, microBatch, epochs, maxLength, fewer,
                    Math.min(warmup, fewer / warmupShare), weightDecay, clip, validation, Math.min(evaluateEvery,
                            fewer),
                    checkpointEvery, trainOnInputs);
        }
    }
}
