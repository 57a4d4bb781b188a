package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.espalier.model.Golden;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BranchesTest {
    private static final double ROUNDING = 2e-5;
    private static final int STEM = 5;

    /** Every variant of attention and rotation: what stands at a branch is what its own sequence has there. */
    @ParameterizedTest
    @MethodSource("io.espalier.model.Golden#models")
    void branchesComputeWhatTheirOwnSequencesWould(String name) {
        try (Golden golden = new Golden(name); Model model = Model.streamed(Golden.model(name), Device.cpu())) {
            int[] a = golden.tokens()[0];
            int[] b = a.clone();
            for (int t = STEM; t < b.length; t++) {
                b[t] = a[b.length - 1 - (t - STEM)];
            }
            int[] shorter = Arrays.copyOf(b, b.length - 2);
            shorter[STEM] = a[0];
            int own = a.length - STEM;
            int[] packed = Arrays.copyOf(a, a.length + own + own - 2 + 3); // three tokens fill up
            System.arraycopy(b, STEM, packed, a.length, own);
            System.arraycopy(shorter, STEM, packed, a.length + own, own - 2);
            var branches = new Branches(STEM, List.of(a.length, a.length + own, a.length + own + own - 2));
            // the same again in other order, in one micro-batch
            int[] other = packed.clone();
            System.arraycopy(b, STEM, other, STEM, own);
            System.arraycopy(a, STEM, other, a.length, own);

            float[] together = activations(model,
                    new MicroBatches(List.<int[][]>of(new int[][]{packed, other}), List.of(List.of(
                            branches, branches))));

            int hidden = model.config().hiddenSize();
            float[] alone = activations(model, MicroBatches.of(new int[][]{a}, 1));
            float[] second = activations(model, MicroBatches.of(new int[][]{b}, 1));
            float[] third = activations(model, MicroBatches.of(new int[][]{shorter}, 1));
            assertSame(rows(together, hidden, 0, a.length), alone);
            assertSame(rows(together, hidden, a.length, a.length + own), rows(second, hidden, STEM, a.length));
            assertSame(rows(together, hidden, a.length + own, a.length + own + own - 2), rows(third, hidden, STEM,
                    a.length - 2));
            assertSame(rows(together, hidden, packed.length + a.length, packed.length + a.length + own), rows(alone,
                    hidden, STEM, a.length));
        }
    }

    @Test
    void tokensStandBehindTheStem() {
        var branches = new Branches(2, List.of(4, 7));
        assertThat(branches.begins(8)).containsExactly(0, 0, 2, 2, 4, 4, 4, 4);
        assertThat(branches.positions(8, 100)).containsExactly(0, 1, 2, 3, 2, 3, 4, 5);
        assertThat(branches.positions(8, 4)).containsExactly(0, 1, 2, 3, 2, 3, 3, 3);
    }

    @Test
    void whatIsNoTreeIsRefused() {
        assertThatThrownBy(() -> new Branches(0, List.of(1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Branches(3, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Branches(3, List.of(5, 4))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                () -> new MicroBatches(List.<int[][]>of(new int[2][4]), List.of(List.of(new Branches(1, List.of(
                        4))))))
                .hasMessageContaining("1 of 2 sequences");
    }

    private static float[] activations(Model model, MicroBatches tokens) {
        try (NDManager scope = model.newScope(); ActivationStream stream = new Streamer(model).stream(tokens)) {
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                stream.advance(model.block(scope, layer), m -> BlockHooks.NONE);
            }
            return stream.activation(scope, 0).toFloatArray();
        }
    }

    private static float[] rows(float[] activations, int hidden, int from, int to) {
        return Arrays.copyOfRange(activations, from * hidden, to * hidden);
    }

    /** To rounding, as a share of the largest. */
    private static void assertSame(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference).isLessThan(ROUNDING * largest);
    }
}
