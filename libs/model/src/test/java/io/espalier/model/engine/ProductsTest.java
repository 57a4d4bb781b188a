package io.espalier.model.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever library multiplies, and whatever this machine's processor prefers: the same numbers but for rounding. */
class ProductsTest {
    private static final double ROUNDING = 2e-6;

    @ParameterizedTest
    @CsvSource({"1, 70, 96, 160", "3, 17, 64, 40", "2, 128, 1024, 1024"})
    void oneDnnEqualsMkl(int sequences, int length, int in, int out) {
        try (NDManager scope = Torch.newManager(Device.cpu())) {
            NDArray x = scope.randomNormal(new Shape(sequences, length, in));
            NDArray w = scope.randomNormal(new Shape(out, in));

            NDArray y = Products.oneDnn(x, w);

            assertThat(y.getShape()).isEqualTo(new Shape(sequences, length, out));
            assertThat(distance(y, JniUtils.linear((PtNDArray) x, (PtNDArray) w, null))).isLessThan(ROUNDING);
        }
    }

    /** Large enough for oneDNN where the processor prefers it, and too small for it. */
    @ParameterizedTest
    @CsvSource({"512, 1024, 768", "5, 16, 24"})
    void productsAndBiasesAreThoseOfPlainOperations(int rows, int in, int out) {
        try (NDManager scope = Torch.newManager(Device.cpu())) {
            NDArray x = scope.randomNormal(new Shape(rows, in));
            NDArray w = scope.randomNormal(new Shape(out, in));
            NDArray bias = scope.randomNormal(new Shape(out));
            NDArray y = scope.randomNormal(new Shape(rows, out));

            assertThat(distance(Products.linear(x, w, bias),
                    JniUtils.linear((PtNDArray) x, (PtNDArray) w, (PtNDArray) bias))).isLessThan(ROUNDING);
            assertThat(distance(Products.product(y, w), y.matMul(w))).isLessThan(ROUNDING);
            assertThat(distance(Products.product(y.transpose(), x), y.transpose().matMul(x))).isLessThan(ROUNDING);
        }
    }

    /** Of two arrays, relative to the second. */
    private static double distance(NDArray a, NDArray b) {
        return norm(a.sub(b)) / norm(b);
    }

    private static double norm(NDArray x) {
        return Math.sqrt(x.toType(DataType.FLOAT64, false).square().sum().getDouble());
    }
}
