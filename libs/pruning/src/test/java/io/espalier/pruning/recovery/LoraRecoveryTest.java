package io.espalier.pruning.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.text.Tokenizer;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.recovery.data.BatchOrder;
import io.espalier.pruning.recovery.data.ModelEncoder;
import io.espalier.pruning.recovery.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Recovery of the stories model, some of whose weights were set to zero. */
class LoraRecoveryTest {
    private static final Path STORIES = Path.of("../../examples/models/stories");
    private static final Path TEXT = Path.of("../model/src/test/resources/golden/perplexity.txt");

    @TempDir
    private Path folder;
    private Path damaged;

    @BeforeEach
    void damage() throws IOException {
        damaged = Files.createDirectory(folder.resolve("damaged"));
        DamagedModel.write(STORIES, damaged);
    }

    @Test
    void recoversADamagedModel() throws Exception {
        RecoveryResult result = recovery(settings(24, 0.05)).run(output("out"), Optional.empty(), new Recorder());
        assertThat(result.accepted()).isTrue();
        assertThat(result.after()).isLessThan(result.before() - 0.1);
        assertThat(result.steps()).isEqualTo(24);
        assertThat(result.losses()).extracting(LossPoint::step).startsWith(0, 1, 2).endsWith(24);
        assertThat(result.losses().getFirst()).isEqualTo(new LossPoint(0, null, result.before()));
        assertThat(result.losses().get(8).validation()).isNotNull();
        assertThat(result.losses().get(7).validation()).isNull();
        try (Model recovered = Model.resident(folder.resolve("out"), Device.cpu())) {
            assertThat(recovered.config()).isEqualTo(ModelConfig.read(STORIES));
        }
    }

    @Test
    void goesOnFromACheckpointToTheSameBits() throws Exception {
        LoraSettings settings = settings(20, 0.1);
        var whole = new Recorder();
        RecoveryResult uninterrupted = recovery(settings).run(output("whole"), Optional.empty(), whole);

        var first = new Recorder();
        first.stopAfter = 5; // beats within step 6 to 10 come after the checkpoint of step 5
        assertThatThrownBy(() -> recovery(settings).run(output("first"), Optional.empty(), first))
                .isInstanceOf(InterruptedException.class);
        assertThat(first.checkpoints).isNotEmpty();
        RecoveryResult resumed = recovery(settings).run(output("second"), Optional.of(first.checkpoints.getLast()),
                new Recorder());

        assertThat(resumed.losses()).isEqualTo(uninterrupted.losses());
        assertThat(resumed.after()).isEqualTo(uninterrupted.after());
        assertThat(folder.resolve("second/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("whole/model.safetensors"));
    }

    @Test
    void writesACheckpointWhenToldToStop() throws Exception {
        LoraSettings settings = settings(20, 0);
        var stopped = new Recorder();
        stopped.stopping = true;
        stopped.stopAfter = 3;
        assertThatThrownBy(() -> recovery(settings).run(output("first"), Optional.empty(), stopped))
                .isInstanceOf(InterruptedException.class);
        var second = new Recorder();
        recovery(settings).run(output("second"), Optional.of(stopped.checkpoints.getLast()), second);
        assertThat(second.firstLine).startsWith("step 3 of 20");
    }

    @Test
    void startsAnewWhereTheCheckpointIsOfOtherData() throws Exception {
        var first = new Recorder();
        recovery(settings(6, 0)).run(output("first"), Optional.empty(), first);
        TrainingData other = new TrainingData(data(settings(6, 0)).train().subList(0, 40),
                data(settings(6, 0)).validation(), 0);
        var second = new Recorder();
        new LoraRecovery(damaged, other, settings(6, 0), compute()).run(output("second"),
                Optional.of(first.checkpoints.getLast()), second);
        assertThat(second.firstLine).startsWith("step 0 of 6");
    }

    @Test
    void refusesWhatIsNotBetter() throws Exception {
        LoraSettings wild = new LoraSettings(8, 16, 0, 0.5, 0, 0, 1e6, 8, 4, 1, 12, 64, 8, 2, 5, false, 3, 1);
        RecoveryResult result = recovery(wild).run(output("out"), Optional.empty(), new Recorder());
        assertThat(result.accepted()).isFalse();
        assertThat(result.after()).isEqualTo(result.before());
        assertThat(result.bestStep()).isZero();
        assertThat(result.steps()).as("three validations without progress end it").isEqualTo(6);
        assertThat(folder.resolve("out/model.safetensors")).doesNotExist();
    }

    @Test
    void mergedWeightsDoWhatTheAdaptersDid() throws Exception {
        LoraSettings settings = settings(6, 0);
        TrainingData data = data(settings);
        try (Model model = Model.resident(damaged, Device.cpu()); NDManager scope = model.newScope()) {
            Adapters adapters = Adapters.create(scope, model.config(), settings);
            var state = new TrainingState(adapters, data.digest());
            var adapted = new AdaptedModel(new Streamer(model), adapters, Dropout.NONE);
            new LoraTraining(adapted, state, data, settings, new Recorder(), folder).run();
            new MergedCheckpoint(model, adapters).write(output("merged"), () -> {});
            var tokens = MicroBatches.of(BatchOrder.split(data.validation(), 4).getFirst().tokens(), 4);
            var byAdapters = new Streamer(model).scores(tokens,
                    new AdaptedPass(adapters, Dropout.NONE, 0, () -> {}));
            try (Model merged = Model.resident(folder.resolve("merged"), Device.cpu())) {
                var byWeights = new Streamer(merged).scores(tokens,
                        new AdaptedPass(Adapters.none(merged.config()), Dropout.NONE, 0, () -> {}));
                for (int i = 0; i < byAdapters.size(); i++) {
                    assertThat(byWeights.get(i).logProbability()).containsExactly(byAdapters.get(i).logProbability(),
                            within(1e-4));
                }
            }
        }
    }

    @Test
    void drawsTheSameDropoutForTheSamePlaceOnly() {
        try (Model model = Model.resident(STORIES, Device.cpu()); NDManager scope = model.newScope()) {
            var dropout = new Dropout(0.25, 3);
            var ones = scope.ones(new Shape(100, 100));
            float[] mask = dropout.apply(ones, 1, 0, 2, Role.Q).toFloatArray();
            assertThat(dropout.apply(ones, 1, 0, 2, Role.Q).toFloatArray()).isEqualTo(mask);
            assertThat(dropout.apply(ones, 1, 0, 2, Role.K).toFloatArray()).isNotEqualTo(mask);
            assertThat(dropout.apply(ones, 2, 0, 2, Role.Q).toFloatArray()).isNotEqualTo(mask);
            assertThat(mask).containsOnly(0f, 4f / 3);
            assertThat(dropout.apply(ones, 1, 0, 2, Role.Q).mean().getFloat()).isCloseTo(1f, within(0.03f));
        }
    }

    private LoraRecovery recovery(LoraSettings settings) throws Exception {
        return new LoraRecovery(damaged, data(settings), settings, compute());
    }

    private Compute compute() {
        return new Compute(Device.cpu(), Long.MAX_VALUE, Long.MAX_VALUE, folder);
    }

    private static LoraSettings settings(int steps, double dropout) {
        return new LoraSettings(8, 16, dropout, 4e-3, 2, 0.01, 1, 8, 4, 1, steps, 64, 8, 8, 5, false, 5, 1);
    }

    private static TrainingData data(LoraSettings settings) throws Exception {
        try (Tokenizer tokenizer = Tokenizer.open(STORIES)) {
            return TrainingData.read(TEXT, ModelEncoder.of(tokenizer, ModelConfig.read(STORIES)), settings,
                    read -> {});
        }
    }

    private Path output(String name) throws IOException {
        return Files.createDirectory(folder.resolve(name));
    }

    /** Keeps copies of checkpoints; ends the run within the step after {@code stopAfter}. */
    private final class Recorder implements TrainingWatch {
        private final List<Path> checkpoints = new ArrayList<>();
        private int stopAfter = Integer.MAX_VALUE;
        private boolean stopping;
        private String firstLine;

        @Override
        public void progress(double done, String line) throws InterruptedException {
            firstLine = firstLine == null ? line : firstLine;
            if (line.startsWith("step " + stopAfter + " ")) {
                throw new InterruptedException();
            }
        }

        @Override
        public void tokens(long count) {
            assertThat(count).isPositive();
        }

        @Override
        public boolean stopping() {
            return stopping;
        }

        @Override
        public void checkpoint(Path from) throws IOException {
            Path copy = Files.createTempDirectory(folder, "kept");
            try (var files = Files.list(from)) {
                for (Path file : files.toList()) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
            checkpoints.add(copy);
        }
    }
}
