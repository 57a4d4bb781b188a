package io.espalier.pruning.recovery;

/**
 * Linear warm-up from zero, then linear decay to zero at the end: what the Hugging Face trainer does unless told
 * otherwise, and so what LLM-Pruner's recovery does.
 */
record LearningRate(double peak, int warmup, int steps) {
    /** @param step counted from 0 */
    double at(int step) {
        if (step < warmup) {
            return peak * step / warmup;
        }
        return peak * Math.max(0, steps - step) / Math.max(1, steps - warmup);
    }
}
