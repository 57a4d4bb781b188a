package io.espalier.pruning.method.algebra;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.CommonOps_MT_DDRM;

/** Products and cuts of row-major matrices. */
public final class Dense {
    private static final long THREADED_FROM = 1L << 22;

    private Dense() {}

    /** {@code a b}. */
    public static DMatrixRMaj times(DMatrixRMaj a, DMatrixRMaj b) {
        DMatrixRMaj c = new DMatrixRMaj(a.numRows, b.numCols);
        if (isLarge(a.numRows, a.numCols, b.numCols)) {
            CommonOps_MT_DDRM.mult(a, b, c);
        } else {
            CommonOps_DDRM.mult(a, b, c);
        }
        return c;
    }

    /** {@code a b^T}. */
    public static DMatrixRMaj timesTransposed(DMatrixRMaj a, DMatrixRMaj b) {
        DMatrixRMaj c = new DMatrixRMaj(a.numRows, b.numRows);
        if (isLarge(a.numRows, a.numCols, b.numRows)) {
            CommonOps_MT_DDRM.multTransB(a, b, c);
        } else {
            CommonOps_DDRM.multTransB(a, b, c);
        }
        return c;
    }

    /** {@code a^T b}. */
    public static DMatrixRMaj transposedTimes(DMatrixRMaj a, DMatrixRMaj b) {
        DMatrixRMaj c = new DMatrixRMaj(a.numCols, b.numCols);
        if (isLarge(a.numCols, a.numRows, b.numCols)) {
            CommonOps_MT_DDRM.multTransA(a, b, c);
        } else {
            CommonOps_DDRM.multTransA(a, b, c);
        }
        return c;
    }

    public static DMatrixRMaj transpose(DMatrixRMaj a) {
        return CommonOps_DDRM.transpose(a, null);
    }

    /** The given rows and columns, in the given order. */
    public static DMatrixRMaj cut(DMatrixRMaj a, int[] rows, int[] columns) {
        DMatrixRMaj c = new DMatrixRMaj(rows.length, columns.length);
        for (int i = 0; i < rows.length; i++) {
            for (int j = 0; j < columns.length; j++) {
                c.unsafe_set(i, j, a.unsafe_get(rows[i], columns[j]));
            }
        }
        return c;
    }

    /** The given columns, in the given order. */
    public static DMatrixRMaj columns(DMatrixRMaj a, int[] columns) {
        DMatrixRMaj c = new DMatrixRMaj(a.numRows, columns.length);
        for (int i = 0; i < a.numRows; i++) {
            for (int j = 0; j < columns.length; j++) {
                c.unsafe_set(i, j, a.unsafe_get(i, columns[j]));
            }
        }
        return c;
    }

    /** What of {@code 0..size-1} is not among the given ascending indices. */
    public static int[] complement(int size, int[] kept) {
        int[] rest = new int[size - kept.length];
        int k = 0;
        int r = 0;
        for (int i = 0; i < size; i++) {
            if (k < kept.length && kept[k] == i) {
                k++;
            } else {
                rest[r++] = i;
            }
        }
        return rest;
    }

    private static boolean isLarge(long rows, long inner, long columns) {
        return rows * inner * columns >= THREADED_FROM;
    }
}
