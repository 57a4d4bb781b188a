package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.Golden;
import io.espalier.model.config.AttentionConfig;
import io.espalier.model.engine.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PyTorch's fused kernel against plain products: values and gradients. */
class AttentionTest {
    private static final double TOLERANCE = 1e-6;
    private static final double TINY = 1e-12; // with one key, q and k have no gradient

    @ParameterizedTest
    @CsvSource({"llama3, 4, 2, 16, 16", "llama3, 4, 4, 60, 16", "mistral-window, 4, 1, 40, 16", "stories, 8, 4, 300, 8",
        "stories, 2, 1, 1, 8", "stories, 4, 2, 33, 6"})
    void fusedEqualsPlain(String name, int queryHeads, int kvHeads, int length, int dim) {
        try (Model model = Model.streamed(Golden.model(name), Device.cpu()); NDManager scope = model.newScope()) {
            Positions positions = model.positions(scope, 0, length);
            AttentionConfig config = new AttentionConfig(0.25, null, // not 1 / sqrt(dim): heads may have lost dimensions
                    model.config().attention().windows());

            List<NDArray> fused = run(scope, queryHeads, kvHeads, length, dim,
                    qkv -> Attention.apply(qkv[0], qkv[1], qkv[2], positions, config, 0));
            List<NDArray> plain = run(scope, queryHeads, kvHeads, length, dim,
                    qkv -> Attention.plain(qkv[0], qkv[1], qkv[2], positions, config, 0));

            for (int i = 0; i < plain.size(); i++) {
                NDArray difference = fused.get(i).sub(plain.get(i));
                assertThat(norm(difference)).as("%d of output, dq, dk, dv", i)
                        .isLessThanOrEqualTo(TOLERANCE * norm(plain.get(i)) + TINY);
            }
        }
    }

    /** Otherwise PyTorch would compute all scores at once: slower, and T x T of them in memory. */
    @ParameterizedTest
    @CsvSource({"llama3, 8, 2, 200", "mistral-window, 4, 1, 40", "stories, 4, 2, 1"})
    void groupsAreReadByTheFusedKernelToo(String name, int queryHeads, int kvHeads, int length) {
        try (Model model = Model.streamed(Golden.model(name), Device.cpu()); NDManager scope = model.newScope()) {
            Positions positions = model.positions(scope, 0, length);
            AttentionConfig config = model.config().attention();
            NDArray q = scope.randomNormal(new Shape(2, queryHeads, length, 16));
            NDArray k = scope.randomNormal(new Shape(2, kvHeads, length, 16));
            NDArray v = scope.randomNormal(new Shape(2, kvHeads, length, 16));
            int repeats = queryHeads / kvHeads;

            NDArray grouped = Attention.apply(q, k, v, positions, config, 0);
            NDArray ofEqualHeads = Attention.apply(q, k.repeat(1, repeats), v.repeat(1, repeats), positions, config, 0);

            assertThat(grouped.toFloatArray()).isEqualTo(ofEqualHeads.toFloatArray());
        }
    }

    private static double norm(NDArray x) {
        return Math.sqrt(x.toType(DataType.FLOAT64, false).square().sum().getDouble());
    }

    /** Output and gradients of q, k and v; equal inputs at every call. */
    private static List<NDArray> run(NDManager scope, int queryHeads, int kvHeads, int length, int dim,
            Function<NDArray[], NDArray> attention) {
        scope.getEngine().setRandomSeed(7);
        var inputs = new NDArray[3];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = scope.randomNormal(new Shape(2, i == 0 ? queryHeads : kvHeads, length, dim));
            inputs[i].setRequiresGradient(true);
        }
        NDArray upstream = scope.randomNormal(new Shape(2, length, (long) queryHeads * dim));
        NDArray output = Torch.withGradients(() -> attention.apply(inputs));
        Torch.backward(output, upstream);
        var results = new ArrayList<NDArray>();
        results.add(output.stopGradient());
        for (NDArray input : inputs) {
            results.add(input.getGradient());
        }
        return results;
    }
}
