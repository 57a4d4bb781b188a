package io.espalier.model.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How tokens of a model look at each other.
 *
 * @param scale   what scores are multiplied by
 * @param cap     scores become {@code cap * tanh(score / cap)} (Gemma 2, arXiv:2408.00118); null for no cap
 * @param windows for each layer the positions a token sees, itself included; null for all before it
 */
public record AttentionConfig(double scale, Double cap, List<Integer> windows) {
    public AttentionConfig {
        windows = Collections.unmodifiableList(new ArrayList<>(windows));
    }

    /** Null where the layer sees everything. */
    public Integer window(int layer) {
        return windows.get(layer);
    }
}
