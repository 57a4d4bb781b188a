package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;

/** RMSNorm, arXiv:1910.07467: {@code x / sqrt(mean(x^2) + eps) * weight} over the last axis. */
record Norm(double epsilon, boolean unitOffset) {
    NDArray apply(NDArray x, NDArray weight) {
        int last = x.getShape().dimension() - 1;
        NDArray rms = x.mul(x).mean(new int[]{last}, true).add(epsilon).sqrt(); // (..., 1)
        NDArray normed = x.div(rms);
        NDArray scaled = normed.mul(weight);
        return unitOffset ? scaled.add(normed) : scaled;
    }
}
