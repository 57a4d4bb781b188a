package io.espalier.pruning.recovery;

import java.util.List;

/**
 * How a run ended.
 *
 * @param accepted   whether the written model is better than the one before; without validation, always
 * @param before     validation loss without recovery; null where nothing was held out
 * @param after      validation loss of the model as written: merged, and rounded to its stored type
 * @param bestStep   the step whose adapters were merged
 * @param steps      optimizer steps done
 * @param trained    numbers in the adapters
 * @param train      examples trained on
 * @param validation examples held out
 * @param dropped    examples left out because their prompt alone fills the length
 */
public record RecoveryResult(boolean accepted, Double before, Double after, int bestStep, int steps, long trained,
        int train, int validation, int dropped, List<LossPoint> losses) {
    public RecoveryResult {
        losses = List.copyOf(losses);
    }
}
