package io.espalier.model.config;

import java.util.List;

/**
 * A model family as data: what {@code config.json} leaves unsaid. Everything else (widths, theta, epsilon) stands there.
 *
 * @param modelType    {@code model_type} of {@code config.json}
 * @param layerPrefix  of the tensors of a layer, {@code {}} stands for its index
 * @param embedding    tensor name
 * @param finalNorm    tensor name
 * @param head         tensor name of lm_head, absent where it is tied to the embedding
 * @param layerTensors the tensors of one layer in checkpoint order
 * @param biases       whether q/k/v, o and the MLP have biases
 * @param unitOffsetNorm whether norms multiply by {@code 1 + weight} (Gemma)
 * @param interleavedRope whether rotary pairs are neighbours (GLM) instead of halves
 * @param scaledEmbedding whether embeddings are multiplied by sqrt(hidden size) (Gemma)
 */
public record Family(String modelType, String layerPrefix, String embedding, String finalNorm, String head,
        List<LayerTensor> layerTensors, Biases biases, boolean unitOffsetNorm, boolean interleavedRope,
        boolean scaledEmbedding) {

    /** {@code suffix} without {@code .weight}; several roles mean a fused tensor. */
    public record LayerTensor(String suffix, List<Role> roles) {
        public LayerTensor {
            roles = List.copyOf(roles);
        }
    }

    /** Each is either fixed by the family or read from a key of {@code config.json}. */
    public record Biases(Flag queryKeyValue, Flag output, Flag mlp) {}

    /** @param key of {@code config.json} that overrides {@code otherwise}; null where the family fixes it */
    public record Flag(String key, boolean otherwise) {
        static Flag fixed(boolean value) {
            return new Flag(null, value);
        }
    }

    public Family {
        layerTensors = List.copyOf(layerTensors);
    }
}
