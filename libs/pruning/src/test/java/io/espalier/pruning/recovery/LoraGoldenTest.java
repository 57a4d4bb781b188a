package io.espalier.pruning.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.Role;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.pruning.recovery.data.MicroBatch;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same 20 steps as peft and torch.optim.AdamW; see tools/golden/lora.py. */
class LoraGoldenTest {
    private static final Path STORIES = Path.of("../../examples/models/stories");
    private static final Path GOLDEN = Path.of("src/test/resources/golden");
    private static JsonNode expected;
    private static SafetensorsFile tensors;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() throws IOException {
        expected = new ObjectMapper().readTree(GOLDEN.resolve("lora.json").toFile());
        tensors = SafetensorsFile.open(GOLDEN.resolve("lora.safetensors"));
    }

    @AfterAll
    static void close() {
        tensors.close();
    }

    @Test
    void residentModelTrainsAsPeftDoes() throws Exception {
        try (Model model = Model.resident(STORIES, Device.cpu())) {
            trainsAsPeftDoes(model);
        }
    }

    @Test
    void streamedModelTrainsAsPeftDoes() throws Exception {
        try (Model model = Model.streamed(STORIES, Device.cpu())) {
            trainsAsPeftDoes(model);
        }
    }

    private void trainsAsPeftDoes(Model model) throws Exception {
        JsonNode s = expected.get("settings");
        try (NDManager scope = model.newScope()) {
            Adapters adapters = adapters(scope, model);
            var adapted = new AdaptedModel(new Streamer(model), adapters, Dropout.NONE);
            var optimizer = new AdamW(s.get("weightDecay").asDouble(), s.get("clip").asDouble());
            var rate = new LearningRate(s.get("learningRate").asDouble(), s.get("warmup").asInt(),
                    s.get("steps").asInt());
            for (int step = 0; step < s.get("steps").asInt(); step++) {
                List<MicroBatch> micros = micros(step, s.get("accumulation").asInt());
                int counted = micros.stream().mapToInt(MicroBatch::counted).sum();
                double loss = adapted.accumulate(micros, step, 1.0 / counted, () -> {});
                double norm = optimizer.step(adapters.parameters(), step + 1, rate.at(step));
                assertThat(rate.at(step)).isCloseTo(expected.get("learningRates").get(step).asDouble(), within(1e-12));
                assertThat(loss).as("loss of step %d", step)
                        .isCloseTo(expected.get("losses").get(step).asDouble(), within(1e-5));
                double expectedNorm = expected.get("gradientNorms").get(step).asDouble();
                assertThat(norm).as("gradient norm of step %d", step)
                        .isCloseTo(expectedNorm, within(1e-4 * expectedNorm));
            }
            new MergedCheckpoint(model, adapters).write(folder, () -> {});
        }
        assertMerged();
    }

    private void assertMerged() {
        try (Checkpoint merged = Checkpoint.open(folder)) {
            int compared = 0;
            for (int layer = 0; layer < merged.config().layers().size(); layer++) {
                for (var tensor : merged.config().layerRoles(layer).values()) {
                    JsonNode sums = expected.get("merged").path(tensor.name());
                    if (!sums.isMissingNode()) {
                        float[] values = merged.segment(tensor).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                        assertSums(tensor.name(), values, sums);
                        compared++;
                    }
                }
            }
            assertThat(compared).isEqualTo(35);
        }
    }

    private static void assertSums(String name, float[] values, JsonNode sums) {
        double sum = IntStream.range(0, values.length).mapToDouble(i -> values[i]).sum();
        double squares = IntStream.range(0, values.length).mapToDouble(i -> (double) values[i] * values[i]).sum();
        assertThat(sum).as("sum of %s", name).isCloseTo(sums.get("sum").asDouble(), within(2e-4));
        assertThat(squares).as("squares of %s", name)
                .isCloseTo(sums.get("sumOfSquares").asDouble(), within(1e-5 * sums.get("sumOfSquares").asDouble()));
        JsonNode eight = expected.get("firstEight").path(name);
        for (int i = 0; i < eight.size(); i++) {
            assertThat((double) values[i]).as("%s[%d]", name, i).isCloseTo(eight.get(i).asDouble(), within(1e-5));
        }
    }

    /** The adapters with the golden file's A. */
    private static Adapters adapters(NDManager scope, Model model) {
        int rank = expected.get("settings").get("rank").asInt();
        double alpha = expected.get("settings").get("alpha").asDouble();
        var settings = new LoraSettings(rank, alpha, 0, 1, 0, 0, 1, 1, 1, 1, 1, 32, 0, 1, 1, false, 1, 0);
        Adapters adapters = Adapters.create(scope, model.config(), settings);
        for (int layer = 0; layer < model.config().layers().size(); layer++) {
            for (Map.Entry<Role, Adapter> entry : adapters.layer(layer).entrySet()) {
                String weight = model.config().layerRoles(layer).get(entry.getKey()).name();
                float[] a = floats("A." + weight.substring(0, weight.length() - ".weight".length()));
                entry.getValue().a().value().set(FloatBuffer.wrap(a));
            }
        }
        return adapters;
    }

    private static List<MicroBatch> micros(int step, int accumulation) {
        long[] shape = tensors.tensor("tokens").shape();
        int rows = (int) shape[1];
        int length = (int) shape[2];
        int[] tokens = ints("tokens");
        int[] labels = ints("labels");
        return IntStream.range(step * accumulation, (step + 1) * accumulation).mapToObj(m -> {
            var batch = new MicroBatch(new int[rows][length], new boolean[rows][length]);
            for (int row = 0; row < rows; row++) {
                int start = (m * rows + row) * length;
                System.arraycopy(tokens, start, batch.tokens()[row], 0, length);
                for (int t = 0; t < length - 1; t++) {
                    batch.counts()[row][t] = labels[start + t + 1] >= 0;
                }
            }
            return batch;
        }).toList();
    }

    private static int[] ints(String name) {
        return tensors.segment(tensors.tensor(name)).toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }

    private static float[] floats(String name) {
        return tensors.segment(tensors.tensor(name)).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
}
