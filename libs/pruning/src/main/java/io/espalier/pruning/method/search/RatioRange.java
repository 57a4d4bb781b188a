package io.espalier.pruning.method.search;

import io.espalier.pruning.method.random.SerialRandom;

/** Kept shares from {@code min} to {@code max} in steps: a row of the paper's table 1. */
record RatioRange(double min, double max, double step) {
    RatioRange {
        if (!(0 <= min && min <= max && max <= 1 && step > 0)) {
            throw new IllegalArgumentException("not a range of shares: " + min + " to " + max + " by " + step);
        }
    }

    double draw(SerialRandom random) {
        int steps = (int) Math.floor((max - min) / step + 1e-9);
        return min + step * random.nextInt(steps + 1);
    }
}
