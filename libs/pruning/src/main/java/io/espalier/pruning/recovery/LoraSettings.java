package io.espalier.pruning.recovery;

/**
 * What determines a LoRA run besides model and data.
 *
 * @param alpha           adapters are scaled by alpha / rank
 * @param dropout         share of an adapter's inputs set to zero in training
 * @param warmup          steps of linear warm-up, after which the rate falls linearly to zero
 * @param weightDecay     decoupled (AdamW)
 * @param clip            largest global norm of the gradients
 * @param batch           sequences per optimizer step
 * @param microBatch      sequences per forward pass; changes memory and speed, not the result
 * @param epochs          passes over the data, where {@code steps} is null
 * @param steps           optimizer steps, or null
 * @param maxLength       longest sequence, in tokens
 * @param validation      sequences held out, at most a tenth of them all; 0 trains without any judgement
 * @param evaluateEvery   steps between two validations
 * @param checkpointEvery steps between two checkpoints
 * @param trainOnInputs   whether prompt tokens count in the loss
 * @param patience        training ends after so many validations in a row that were no better than the best
 */
public record LoraSettings(int rank, double alpha, double dropout, double learningRate, int warmup, double weightDecay,
        double clip, int batch, int microBatch, int epochs, Integer steps, int maxLength, int validation,
        int evaluateEvery, int checkpointEvery, boolean trainOnInputs, int patience, long seed) {

    public LoraSettings {
        require(rank > 0, "rank", rank);
        require(alpha > 0, "alpha", alpha);
        require(dropout >= 0 && dropout < 1, "dropout", dropout);
        require(learningRate > 0, "learningRate", learningRate);
        require(warmup >= 0, "warmup", warmup);
        require(weightDecay >= 0, "weightDecay", weightDecay);
        require(clip > 0, "clip", clip);
        require(batch > 0, "batch", batch);
        require(microBatch > 0, "microBatch", microBatch);
        require(steps != null && steps > 0 || steps == null && epochs > 0, "epochs", epochs);
        require(maxLength > 1, "maxLength", maxLength);
        require(validation >= 0, "validation", validation);
        require(evaluateEvery > 0, "evaluateEvery", evaluateEvery);
        require(checkpointEvery > 0, "checkpointEvery", checkpointEvery);
        require(patience > 0, "patience", patience);
    }

    /** What an adapter's output is multiplied by. */
    public double scale() {
        return alpha / rank;
    }

    private static void require(boolean holds, String key, Number value) {
        if (!holds) {
            throw new IllegalArgumentException("recovery.lora." + key + ": " + value + " is out of range");
        }
    }
}
