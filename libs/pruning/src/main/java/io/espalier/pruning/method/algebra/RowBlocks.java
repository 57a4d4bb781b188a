package io.espalier.pruning.method.algebra;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;

/** Works on a large matrix some rows at a time, so that what is made on the way stays small beside it. */
public final class RowBlocks {
    /** At most so many at a time. */
    public static final long ROWS = 512;

    private RowBlocks() {}

    /** Sees rows {@code from} to {@code to}, exclusive. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param scope closed afterwards
         * @param rows  a view: what is written there stands in the matrix
         */
        void rows(NDManager scope, long from, long to, NDArray rows);
    }

    public static void forEach(NDArray matrix, Visitor visitor) {
        long all = matrix.getShape().get(0);
        for (long from = 0; from < all; from += ROWS) {
            try (NDManager scope = matrix.getManager().newSubManager()) {
                long to = Math.min(all, from + ROWS);
                NDArray rows = matrix.get(new NDIndex("{}:{}", from, to));
                rows.attach(scope);
                visitor.rows(scope, from, to, rows);
            }
        }
    }
}
