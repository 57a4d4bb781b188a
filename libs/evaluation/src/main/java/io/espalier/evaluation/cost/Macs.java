package io.espalier.evaluation.cost;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import java.util.Set;

/**
 * Multiply-accumulate operations of one forward pass over a sequence of T tokens, as ptflops 0.7 with LLM-Pruner's hooks
 * counts them (test_speedup.py; T = 64 in all papers):
 * <ul>
 * <li>{@code linear}: T for each entry of each projection and of lm_head, also of a tied one; the embedding is a look-up;
 * <li>{@code attention}: {@code Hq (2 T^2 Dh + T^2)} per layer: scores, softmax, mixing, without regard to causality;
 * <li>{@code rotary}: {@code 2 T (Hq + Hkv) Dh} per layer. [D] LLM-Pruner writes {@code 4 T H Dh}, the same where
 * {@code Hkv = Hq}; it also counts k_proj and v_proj as wide as q_proj, which over-counts grouped queries and is not done
 * here;
 * <li>{@code norm}: 2 per normalised entry;
 * <li>{@code activation}: 1 per gated channel and token.
 * </ul>
 * LLaMA-7B at T = 64: linear 422.85 G, total 424.02 G as published.
 */
public record Macs(long linear, long attention, long rotary, long norm, long activation) {
    private static final Set<Role> NOT_MULTIPLIED = Set.of(Role.EMBEDDING);

    public static Macs of(ModelConfig config, int tokens) {
        long entries = config.tensors().stream().filter(tensor -> tensor.columns() != null).filter(
                tensor -> tensor.parts().stream().noneMatch(part -> NOT_MULTIPLIED.contains(part.role()))).mapToLong(
                        tensor -> entries(config, tensor))
                .sum();
        if (config.tiedEmbeddings()) {
            entries += (long) config.vocabularySize() * config.hiddenSize();
        }
        long attention = 0;
        long rotary = 0;
        long activation = 0;
        for (LayerShape layer : config.layers()) {
            int dim = layer.headDim(config.headDim());
            attention += layer.queryHeads() * (2L * tokens * tokens * dim + (long) tokens * tokens);
            rotary += 2L * tokens * (layer.queryHeads() + layer.kvHeads()) * Math.min(dim, config.rope().rotaryDim());
            activation += (long) tokens * layer.channels();
        }
        return new Macs(entries * tokens, attention, rotary, 2 * tokens * normalised(config), activation);
    }

    /** All together. */
    public long total() {
        return linear + attention + rotary + norm + activation;
    }

    private static long entries(ModelConfig config, TensorSpec tensor) {
        long[] shape = config.shape(tensor);
        return shape[0] * shape[1];
    }

    /** Entries per token that pass a norm. */
    private static long normalised(ModelConfig config) {
        long entries = 0;
        for (TensorSpec tensor : config.tensors()) {
            Role role = tensor.parts().getFirst().role();
            entries += switch (role) {
                case INPUT_NORM, O_NORM, POST_NORM, DOWN_NORM, FINAL_NORM -> config.hiddenSize();
                case Q_NORM -> (long) config.layers().get(tensor.layer()).queryHeads() * config.headDim();
                case K_NORM -> (long) config.layers().get(tensor.layer()).kvHeads() * config.headDim();
                default -> 0;
            };
        }
        return entries;
    }
}
