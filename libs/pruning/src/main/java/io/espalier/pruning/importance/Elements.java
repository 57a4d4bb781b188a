package io.espalier.pruning.importance;

import java.util.Arrays;

/**
 * Saliencies of the elements of one weight, row by row, in fp32, and their sums in fp64. Plain loops over arrays that the
 * compiler turns into vector instructions: one pass over weight and gradient instead of one for each operation.
 */
final class Elements {
    /** Sums that grow side by side: additions need not wait for each other. */
    private static final int LANES = 64;

    private final Criterion criterion;
    private final float[] saliency;
    private final double[] lanes = new double[LANES];

    Elements(Criterion criterion, int columns) {
        this.criterion = criterion;
        this.saliency = new float[columns];
    }

    /**
     * The saliencies of a row.
     *
     * @param gradient ignored where the criterion needs none; so is {@code fisher}
     */
    void read(float[] weight, float[] gradient, float[] fisher) {
        switch (criterion) {
            case L1 -> magnitude(weight);
            case L2 -> square(weight);
            case VECTORIZE -> product(weight, gradient);
            case PARAM_FIRST -> first(weight, gradient);
            case PARAM_SECOND -> second(weight, fisher);
            case PARAM_MIX -> mix(weight, gradient, fisher);
            case RANDOM -> throw new IllegalArgumentException("noise is not an element saliency");
        }
    }

    /** Sum of the row. */
    double sum() {
        Arrays.fill(lanes, 0);
        int whole = saliency.length - saliency.length % LANES;
        for (int from = 0; from < whole; from += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                lanes[lane] += saliency[from + lane];
            }
        }
        double sum = 0;
        for (double lane : lanes) {
            sum += lane;
        }
        for (int i = whole; i < saliency.length; i++) {
            sum += saliency[i];
        }
        return sum;
    }

    /** Adds the row to the sums of its columns. */
    void addTo(double[] sums) {
        for (int i = 0; i < saliency.length; i++) {
            sums[i] += saliency[i];
        }
    }

    private void magnitude(float[] w) {
        for (int i = 0; i < saliency.length; i++) {
            saliency[i] = Math.abs(w[i]);
        }
    }

    private void square(float[] w) {
        for (int i = 0; i < saliency.length; i++) {
            saliency[i] = w[i] * w[i];
        }
    }

    private void product(float[] w, float[] g) {
        for (int i = 0; i < saliency.length; i++) {
            saliency[i] = w[i] * g[i];
        }
    }

    private void first(float[] w, float[] g) {
        for (int i = 0; i < saliency.length; i++) {
            saliency[i] = Math.abs(w[i] * g[i]);
        }
    }

    private void second(float[] w, float[] f) {
        for (int i = 0; i < saliency.length; i++) {
            saliency[i] = w[i] * w[i] * f[i];
        }
    }

    private void mix(float[] w, float[] g, float[] f) {
        for (int i = 0; i < saliency.length; i++) {
            saliency[i] = Math.abs(w[i] * g[i] - w[i] * w[i] * f[i] * 0.5f);
        }
    }
}
