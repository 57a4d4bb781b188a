package io.espalier.pruning.method.algebra;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** Products and cuts of row-major matrices on the heap, by another library than what is tested. */
public final class Dense {
    private Dense() {}

    /** {@code a b}. */
    public static DMatrixRMaj times(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.mult(a, b, null);
    }

    /** {@code a b^T}. */
    public static DMatrixRMaj timesTransposed(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.multTransB(a, b, null);
    }

    /** {@code a^T b}. */
    public static DMatrixRMaj transposedTimes(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.multTransA(a, b, null);
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
}
