package io.espalier.gpu.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.ExportFormat;
import io.espalier.model.export.ExportFormats;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.RandomCheckpoint;
import io.espalier.report.Report;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExportsTest {
    private static final Path STORIES = Path.of("../examples/models/stories");

    @TempDir
    Path folder;

    @Test
    void everyFormatIsDescribedWithItsFilesAndHowNearItIs() throws Exception {
        List<Report.Export> exports = write(ExportFormats.inOrder(List.of("gguf-q8_0", "hf", "padded")));
        assertThat(exports).extracting(Report.Export::format).containsExactly("hf", "padded", "gguf-q8_0");
        assertThat(exports.get(0).files()).contains("config.json", "model.safetensors", "tokenizer.json");
        assertThat(exports.get(1).files()).contains("padded/config.json").allMatch(f -> f.startsWith("padded/"));
        assertThat(exports.get(2).files()).containsExactly("model-q8_0.gguf");
        assertThat(exports.get(0).loadCheck().maxAbsLogitDifference()).isZero();
        assertThat(exports.get(2).loadCheck().relativeError()).isBetween(1e-6, 0.1);
        assertThat(exports.get(2).bytes()).isEqualTo(Files.size(folder.resolve("model-q8_0.gguf")));
    }

    @Test
    void aFormatThatComputesSomethingElseIsRefused() {
        assertThatThrownBy(() -> write(List.of(new WrongWeights(ExportFormats.of("hf")))))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining("output.formats: hf")
                .hasMessageContaining("logits differ").hasMessageContaining("Nothing was put into output.location");
    }

    private List<Report.Export> write(List<ExportFormat> formats) throws Exception {
        return new Exports(STORIES, new int[]{1, 403, 407, 261}, Device.cpu()).write(formats, folder,
                (_, _) -> {});
    }

    /** Writes a model of the same shape that is another. */
    private record WrongWeights(ExportFormat format) implements ExportFormat {
        @Override
        public String name() {
            return format.name();
        }

        @Override
        public boolean isFolder() {
            return format.isFolder();
        }

        @Override
        public void check(ModelConfig config) {
            format.check(config);
        }

        @Override
        public String advice(ModelConfig original, boolean uniform, int channelMultiple) {
            return format.advice(original, uniform, channelMultiple);
        }

        @Override
        public void write(Checkpoint checkpoint, Path folder) throws IOException {
            RandomCheckpoint.write(checkpoint.folder(), folder, 1);
        }

        @Override
        public Model open(Path folder, ModelConfig written, Device device) {
            return format.open(folder, written, device);
        }

        @Override
        public double tolerance(ModelConfig config) {
            return format.tolerance(config);
        }
    }
}
