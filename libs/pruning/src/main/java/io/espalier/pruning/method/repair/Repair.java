package io.espalier.pruning.method.repair;

import io.espalier.pruning.method.algebra.Dense;
import org.ejml.data.DMatrixRMaj;

/** Minimises {@code ||(W' - W) X||^2} over all W' that are zero outside the kept columns. */
public sealed interface Repair permits ExactRepair, AdmmRepair {
    /**
     * @param gram {@code A = sum over tokens x x^T} of the projection's input, [n, n]
     * @param weight as stored, [out, n]
     * @param kept ascending input channels that stay
     * @return the kept columns of W', [out, kept]
     */
    DMatrixRMaj repair(DMatrixRMaj gram, DMatrixRMaj weight, int[] kept);

    /**
     * What is left of the output error: {@code ||(W' - W) X||^2 = tr(D A D^T)} with {@code D = W' - W}.
     *
     * @param repaired [out, kept]
     */
    static double loss(DMatrixRMaj gram, DMatrixRMaj weight, DMatrixRMaj repaired, int[] kept) {
        DMatrixRMaj difference = new DMatrixRMaj(weight.numRows, weight.numCols);
        for (int i = 0; i < weight.numRows; i++) {
            for (int j = 0; j < weight.numCols; j++) {
                difference.unsafe_set(i, j, -weight.unsafe_get(i, j));
            }
            for (int k = 0; k < kept.length; k++) {
                difference.add(i, kept[k], repaired.unsafe_get(i, k));
            }
        }
        DMatrixRMaj product = Dense.times(difference, gram);
        double sum = 0;
        for (int i = 0; i < product.getNumElements(); i++) {
            sum += product.data[i] * difference.data[i];
        }
        return sum;
    }
}
