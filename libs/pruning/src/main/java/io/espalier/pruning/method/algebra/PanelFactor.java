package io.espalier.pruning.method.algebra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * The lower triangular factor L of {@code A = L L^T} in panels of some columns, each from its diagonal block down. Panels
 * are made from left to right: what the earlier ones explain is taken off the columns of A, the small diagonal block is
 * factored and inverted in plain Java, and the rest of the panel is a product with that inverse. Nearly all of the
 * n^3 / 3 multiplications are matrix products of the engine. Golub and Van Loan, Matrix Computations, section 4.2.
 */
final class PanelFactor {
    static final int PANEL = 256;
    /** How often b is in memory while {@link #solve} runs, beside itself: what is left of it, its parts solved, the result. */
    static final int SOLVING_COPIES = 3;

    private final int size;
    /** Rows below the diagonal block of each panel, [below, width]; null for the last. */
    private final List<NDArray> below = new ArrayList<>();
    /** Inverse of each panel's diagonal block, lower triangular, [width, width]. */
    private final List<NDArray> inverses = new ArrayList<>();

    private PanelFactor(int size) {
        this.size = size;
    }

    /**
     * @param scope where the factor lives
     * @param a     symmetric, [n, n], fp64; unchanged
     * @param shift added to the diagonal
     * @return null if a pivot is not positive
     */
    static PanelFactor of(NDManager scope, NDArray a, double shift) {
        var factor = new PanelFactor(Math.toIntExact(a.getShape().get(0)));
        for (int from = 0; from < factor.size; from += PANEL) {
            if (!factor.add(scope, a, from, shift)) {
                return null;
            }
        }
        return factor;
    }

    /** Bytes for the factor of [n, n], and beside it for columns of A while a panel is made and what another explains of them. */
    static long bytes(long n) {
        long numbers = 0;
        for (long from = 0; from < n; from += PANEL) {
            numbers += Math.min(PANEL, n - from) * (n - from);
        }
        return Double.BYTES * (numbers + 2 * n * Math.min(PANEL, n));
    }

    private boolean add(NDManager scope, NDArray a, int from, double shift) {
        int width = width(from);
        try (NDManager inner = scope.newSubManager()) {
            NDArray panel = rest(inner, a, from, width);
            double[] block = rows(inner, panel, 0, width).toDoubleArray();
            for (int i = 0; i < width; i++) {
                block[i * width + i] += shift;
            }
            if (!SmallFactor.factor(block, width)) {
                return false;
            }
            NDArray inverse = scope.create(SmallFactor.inverse(block, width), new Shape(width, width));
            inverses.add(inverse);
            below.add(from + width == size
                    ? null
                    : owned(scope, rows(inner, panel, width, size - from).matMul(transposed(inner, inverse))));
        }
        return true;
    }

    /** The columns of A from the diagonal down, less what the panels so far explain of them. */
    private NDArray rest(NDManager inner, NDArray a, int from, int width) {
        NDArray panel = owned(inner, owned(inner, a.get(new NDIndex("{}:, {}:{}", from, from, from + width))).add(0));
        for (int k = 0; k < below.size(); k++) {
            try (NDManager step = inner.newSubManager()) {
                int start = from - (k + 1) * PANEL;
                NDArray left = rows(step, below.get(k), start, size - (k + 1) * PANEL);
                panel.subi(left.matMul(transposed(step, rows(step, left, 0, width))));
            }
        }
        return panel;
    }

    /** @param b [n, k]; returns {@code A^-1 b}, [n, k], in b's manager */
    NDArray solve(NDArray b) {
        try (NDManager inner = b.getManager().newSubManager()) {
            List<NDArray> parts = forward(inner, owned(inner, b.add(0)), 0);
            for (int k = parts.size() - 1; k >= 0; k--) {
                NDArray right = parts.get(k);
                for (int i = k + 1; i < parts.size(); i++) {
                    try (NDManager step = inner.newSubManager()) {
                        int start = (i - k - 1) * PANEL;
                        NDArray block = rows(step, below.get(k), start, start + width(i * PANEL));
                        right.subi(transposed(step, block).matMul(parts.get(i)));
                    }
                }
                parts.set(k, owned(inner, transposed(inner, inverses.get(k)).matMul(right)));
                right.close();
            }
            return owned(b.getManager(), NDArrays.concat(new NDList(parts), 0));
        }
    }

    /**
     * The rows from a panel on of {@code L^-1 b}, panel by panel, where all rows of b above are zero.
     *
     * @param rest  these rows of b; changed
     * @param first index of the panel
     */
    private List<NDArray> forward(NDManager inner, NDArray rest, int first) {
        List<NDArray> parts = new ArrayList<>();
        NDArray right = rest;
        for (int k = first; k < inverses.size(); k++) {
            int width = width(k * PANEL);
            NDArray part = owned(inner, inverses.get(k).matMul(rows(inner, right, 0, width)));
            parts.add(part);
            if (below.get(k) != null) {
                right = rows(inner, right, width, Math.toIntExact(right.getShape().get(0)));
                try (NDManager step = inner.newSubManager()) {
                    right.subi(owned(step, below.get(k).matMul(part)));
                }
            }
        }
        return parts;
    }

    /** {@code diag(A^-1)_i = sum_k (L^-1)_ki^2}, one panel of columns of {@code L^-1} at a time. */
    double[] inverseDiagonal() {
        double[] diagonal = new double[size];
        for (int k = 0; k < inverses.size(); k++) {
            try (NDManager inner = inverses.get(k).getManager().newSubManager()) {
                int width = width(k * PANEL);
                NDArray unit = inner.zeros(new Shape(size - k * PANEL, width), inverses.get(k).getDataType());
                rows(inner, unit, 0, width).addi(inner.eye(width).toType(unit.getDataType(), false));
                for (NDArray part : forward(inner, unit, k)) {
                    double[] squares = part.mul(part).sum(new int[]{0}).toDoubleArray();
                    for (int i = 0; i < width; i++) {
                        diagonal[k * PANEL + i] += squares[i];
                    }
                }
            }
        }
        return diagonal;
    }

    private int width(int from) {
        return Math.min(PANEL, size - from);
    }

    private static NDArray rows(NDManager scope, NDArray matrix, int from, int to) {
        return owned(scope, matrix.get(new NDIndex("{}:{}", from, to)));
    }

    private static NDArray transposed(NDManager scope, NDArray matrix) {
        return owned(scope, matrix.transpose());
    }

    private static NDArray owned(NDManager scope, NDArray array) {
        array.attach(scope);
        return array;
    }
}
