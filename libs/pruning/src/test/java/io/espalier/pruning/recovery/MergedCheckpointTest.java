package io.espalier.pruning.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.DType;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Merging into checkpoints that are stored in bf16 or fp16, with apart and with fused projections. */
class MergedCheckpointTest {
    private static final Path GOLDEN = Path.of("../model/src/test/resources/golden");
    private static final LoraSettings SETTINGS = new LoraSettings(4, 8, 0, 1, 0, 0, 1, 1, 1, 1, 1, 32, 0, 1, 1, false,
            1, 7);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({"mistral, BF16", "phi3, BF16", "glm4, F32", "chatglm, F16", "baichuan, F32"})
    void addsTheProductAndRoundsToTheStoredType(String name, DType stored) throws Exception {
        try (Model model = Model.resident(GOLDEN.resolve(name), Device.cpu()); NDManager scope = model.newScope()) {
            Adapters adapters = Adapters.create(scope, model.config(), SETTINGS);
            adapters.parameters().stream().filter(p -> p.name().endsWith(".B")).forEach(MergedCheckpointTest::fill);
            new MergedCheckpoint(model, adapters).write(folder, () -> {});
            try (Checkpoint merged = Checkpoint.open(folder)) {
                for (TensorSpec tensor : model.config().tensors()) {
                    assertThat(merged.info(tensor).dtype()).isEqualTo(stored);
                    for (TensorSpec.Part part : tensor.parts()) {
                        assertMerged(scope, tensor, part.role(), model.checkpoint(), merged, adapters);
                    }
                }
            }
        }
    }

    private static void assertMerged(NDManager scope, TensorSpec tensor, Role role, Checkpoint source,
            Checkpoint merged,
            Adapters adapters) {
        if (!Adapters.ROLES.contains(role)) {
            assertThat(merged.segment(tensor).mismatch(source.segment(tensor))).as(tensor.name()).isEqualTo(-1);
            return;
        }
        try (NDArray before = source.load(scope, tensor, role);
                NDArray delta = adapters.layer(tensor.layer()).get(role).delta();
                NDArray after = merged.load(scope, tensor, role)) {
            float[] w = before.toFloatArray();
            float[] d = delta.toFloatArray();
            float[] m = after.toFloatArray();
            for (int i = 0; i < w.length; i++) {
                double exact = (double) w[i] + d[i];
                assertThat((double) m[i]).as("%s[%d]", tensor.name(), i)
                        .isCloseTo(exact, within(Math.abs(exact) / 256 + 1e-30));
            }
            assertThat(m).as("%s has changed", tensor.name()).isNotEqualTo(w);
        }
    }

    /** B is zero at first: a merge would change nothing. */
    private static void fill(Parameter parameter) {
        float[] values = new float[(int) parameter.value().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i % 7 - 3) * 0.1f;
        }
        parameter.value().set(FloatBuffer.wrap(values));
    }
}
