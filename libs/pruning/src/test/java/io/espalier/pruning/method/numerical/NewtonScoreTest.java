package io.espalier.pruning.method.numerical;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import io.espalier.pruning.method.algebra.Dense;
import io.espalier.pruning.method.algebra.Samples;
import io.espalier.pruning.method.random.SerialRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NewtonScoreTest {
    private static final int CHANNELS = 14;
    private static final double LAMBDA = 1e6;
    private static final double JITTER = 1e-6;
    private final DMatrixRMaj x = Samples.activations(3, 300, CHANNELS);
    private final DMatrixRMaj weight = Samples.gaussian(5, CHANNELS, 9); // (channels, out), as in the paper
    private final DMatrixRMaj inputGram = Samples.gram(x);
    private final DMatrixRMaj weightGram = Dense.timesTransposed(weight, weight);
    private final NDManager manager = Torch.newManager(Device.cpu());
    private final NewtonScore score = score(inputGram, weightGram);

    @AfterEach
    void close() {
        manager.close();
    }

    /** The algorithm as the paper writes it: 50 Newton steps from a random start. */
    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.5, 0.7})
    void closedFormIsWhereNewtonEnds(double rho) {
        DMatrixRMaj g = hadamard(inputGram, weightGram);
        double lambda = LAMBDA * meanDiagonal(g);
        double jitter = JITTER * meanDiagonal(g);
        DMatrixRMaj hessian = g.copy();
        CommonOps_DDRM.add(hessian, lambda, hessian);
        DMatrixRMaj regular = g.copy();
        for (int i = 0; i < CHANNELS; i++) {
            hessian.add(i, i, jitter);
            regular.add(i, i, jitter);
        }
        double[] z = new SerialRandom(11).doubles(CHANNELS).toArray();
        for (int step = 0; step < 50; step++) {
            DMatrixRMaj offset = new DMatrixRMaj(CHANNELS, 1, true, Arrays.stream(z).map(v -> v - 1).toArray());
            DMatrixRMaj gradient = Dense.times(regular, offset);
            double excess = Arrays.stream(z).sum() - (1 - rho) * CHANNELS;
            CommonOps_DDRM.add(gradient, lambda * excess, gradient);
            DMatrixRMaj direction = new DMatrixRMaj(CHANNELS, 1);
            assertThat(CommonOps_DDRM.solve(hessian, gradient, direction)).isTrue();
            for (int i = 0; i < CHANNELS; i++) {
                z[i] -= direction.data[i];
            }
        }

        double[] closed = score.z(rho, LAMBDA);

        for (int i = 0; i < CHANNELS; i++) {
            assertThat(closed[i]).isCloseTo(z[i], within(1e-6));
        }
    }

    @Test
    void isAStationaryPointOfTheObjective() {
        double[] z = score.z(0.4, LAMBDA);
        double best = objective(z, 0.4);
        for (int i = 0; i < CHANNELS; i++) {
            for (double change : new double[]{-1e-3, 1e-3}) {
                double[] other = z.clone();
                other[i] += change;
                assertThat(objective(other, 0.4)).isGreaterThan(best);
            }
        }
    }

    @Test
    void largeLambdaPinsTheMean() {
        assertThat(Arrays.stream(score.z(0.3, LAMBDA)).average().orElseThrow()).isCloseTo(0.7, within(1e-5));
    }

    @Test
    void scaleOfTheInputDoesNotMatter() {
        DMatrixRMaj scaled = inputGram.copy();
        CommonOps_DDRM.scale(1e-4, scaled);

        double[] z = score(scaled, weightGram).z(0.3, LAMBDA);

        for (int i = 0; i < CHANNELS; i++) {
            assertThat(z[i]).isCloseTo(score.z(0.3, LAMBDA)[i], within(1e-8));
        }
    }

    /** Two equal channels can stand in for each other; a channel without weight is worth nothing. */
    @Test
    void ranksAnUnusedChannelLast() {
        DMatrixRMaj unused = weight.copy();
        for (int j = 0; j < unused.numCols; j++) {
            unused.set(6, j, 0.01 * unused.get(6, j));
        }

        double[] z = score(inputGram, Dense.timesTransposed(unused, unused)).z(0.2, LAMBDA);

        int lowest = IntStream.range(0, CHANNELS).boxed().min((a, b) -> Double.compare(z[a], z[b])).orElseThrow();
        assertThat(lowest).isEqualTo(6);
    }

    private double objective(double[] z, double rho) {
        double sum = 0;
        DMatrixRMaj masked = weight.copy();
        for (int i = 0; i < CHANNELS; i++) {
            for (int j = 0; j < masked.numCols; j++) {
                masked.set(i, j, (1 - z[i]) * masked.get(i, j));
            }
        }
        DMatrixRMaj error = Dense.times(x, masked);
        for (double value : error.data) {
            sum += value * value;
        }
        double excess = Arrays.stream(z).sum() - (1 - rho) * CHANNELS;
        double lambda = LAMBDA
                * meanDiagonal(hadamard(inputGram, weightGram));
        return sum / 2 + lambda / 2 * excess * excess;
    }

    private NewtonScore score(DMatrixRMaj inputs, DMatrixRMaj weights) {
        return NewtonScore.of(Samples.array(manager, hadamard(inputs, weights)), JITTER);
    }

    private static double meanDiagonal(DMatrixRMaj matrix) {
        return CommonOps_DDRM.trace(matrix) / matrix.numRows;
    }

    private static DMatrixRMaj hadamard(DMatrixRMaj a, DMatrixRMaj b) {
        return CommonOps_DDRM.elementMult(a, b, null);
    }
}
