package io.espalier.pruning.method.algebra;

/** Cholesky factors of small matrices on the heap, row by row, [n, n]. */
final class SmallFactor {
    private SmallFactor() {}

    /**
     * Puts L into the lower triangle of a symmetric matrix and zeros above it.
     *
     * @return whether every pivot was positive
     */
    static boolean factor(double[] a, int n) {
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double rest = a[i * n + j];
                for (int k = 0; k < j; k++) {
                    rest -= a[i * n + k] * a[j * n + k];
                }
                if (i > j) {
                    a[i * n + j] = rest / a[j * n + j];
                } else if (rest > 0 && rest < Double.POSITIVE_INFINITY) {
                    a[i * n + i] = Math.sqrt(rest);
                } else {
                    return false;
                }
            }
            for (int j = i + 1; j < n; j++) {
                a[i * n + j] = 0;
            }
        }
        return true;
    }

    /** Of a lower triangular matrix; lower triangular as well. */
    static double[] inverse(double[] l, int n) {
        double[] inverse = new double[n * n];
        for (int i = 0; i < n; i++) {
            double[] row = new double[n];
            for (int k = 0; k < i; k++) {
                for (int j = 0; j <= k; j++) {
                    row[j] -= l[i * n + k] * inverse[k * n + j];
                }
            }
            row[i] = 1;
            for (int j = 0; j <= i; j++) {
                inverse[i * n + j] = row[j] / l[i * n + i];
            }
        }
        return inverse;
    }
}
