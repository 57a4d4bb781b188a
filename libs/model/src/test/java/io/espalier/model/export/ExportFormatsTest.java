package io.espalier.model.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format of every shape it says it can hold computes what it was made of. */
class ExportFormatsTest {
    private static final Path STORIES = Path.of("../../examples/models/stories");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int[] TOKENS = {1, 403, 407, 261, 378, 299, 17, 500};
    /** Uniform; GQA of several sizes; layers without attention, the first too; without MLP; without both. */
    private static final List<List<LayerShape>> SHAPES = List.of(
            Collections.nCopies(5, new LayerShape(6, 3, 96)),
            List.of(new LayerShape(8, 4, 172), new LayerShape(6, 3, 100), new LayerShape(2, 1, 33),
                    new LayerShape(4, 2, 64), new LayerShape(8, 4, 12)),
            List.of(new LayerShape(0, 0, 40), new LayerShape(8, 4, 0), new LayerShape(0, 0, 0),
                    new LayerShape(6, 3, 172), new LayerShape(0, 0, 31)));

    @TempDir
    Path folder;

    static Stream<Arguments> formatsOfShapes() {
        return ExportFormats.names().stream()
                .flatMap(name -> IntStream.range(0, SHAPES.size()).mapToObj(shape -> Arguments.of(name, shape)));
    }

    @ParameterizedTest
    @MethodSource("formatsOfShapes")
    void computesWhatItWasMadeOf(String name, int shape) throws Exception {
        Path source = random(SHAPES.get(shape), Files.createDirectory(folder.resolve("source")));
        assertThat(export(name, source).relativeError())
                .isLessThan(ExportFormats.of(name).tolerance(ModelConfig.read(source)));
    }

    /** Biases, head norms, fused tensors, norms behind: they all go through. */
    @Test
    void everyFamilyIsWrittenInItsOwnLayout() throws Exception {
        for (String family : List.of("qwen2", "qwen3", "llama3", "phi3", "gemma2", "glm4", "chatglm", "baichuan")) {
            Path source = Path.of("src/test/resources/golden", family);
            boolean code = TransformersCode.families().contains(ModelConfig.read(source).family().modelType());
            for (String name : code ? List.of("hf", "padded", "hf-per-layer") : List.of("hf", "padded")) {
                LoadCheck check = export(name, source, Files.createDirectory(folder.resolve(family + name)));
                assertThat(check.relativeError()).as(family + " " + name).isLessThan(1e-4);
            }
        }
    }

    @Test
    void paddedBringsDimensionsBackIntoTheirHeads() throws Exception {
        List<List<Integer>> two = List.of(List.of(0, 2, 4, 6), List.of(1, 3, 5, 7));
        var narrow = new LayerShape(4, 2, 50, two);
        Path source = random(List.of(narrow, narrow, new LayerShape(8, 4, 20), narrow, narrow),
                Files.createDirectory(folder.resolve("source")));
        assertThat(export("padded", source).relativeError()).isLessThan(1e-5);
        for (String name : List.of("hf-per-layer", "hf-nemotron-nas", "gguf", "gguf-q8_0")) {
            assertThatThrownBy(() -> ExportFormats.of(name).check(ModelConfig.read(source)))
                    .isInstanceOf(UnsupportedModelException.class).hasMessageContaining(name)
                    .hasMessageContaining("method.attention: kv-groups");
        }
    }

    @Test
    void aWrongFileIsNoticed() throws Exception {
        Path source = random(SHAPES.get(1), Files.createDirectory(folder.resolve("source")));
        Path other = random(SHAPES.get(1), Files.createDirectory(folder.resolve("other")), 6);
        ExportFormat format = ExportFormats.of("gguf-q8_0");
        try (Checkpoint checkpoint = Checkpoint.open(other)) {
            format.write(checkpoint, folder);
        }
        assertThat(compare(format, source, folder).relativeError())
                .isGreaterThan(format.tolerance(ModelConfig.read(source)));
    }

    @Test
    void nemotronNasKeepsTheFewestKeyValueHeadsThatDivide() {
        List<LayerShape> stored = NemotronNasFormat.widths(ModelConfig.read(STORIES).withLayers(SHAPES.get(1)));
        assertThat(stored).containsExactly(new LayerShape(8, 4, 256), new LayerShape(8, 4, 256),
                new LayerShape(8, 1, 256), new LayerShape(8, 2, 256), new LayerShape(8, 4, 256));
    }

    @Test
    void nemotronNasMultipliersGiveTheStoredWidths() throws Exception {
        Path source = random(SHAPES.get(2), Files.createDirectory(folder.resolve("source")));
        export("hf-nemotron-nas", source);
        JsonNode config = JSON.readTree(folder.resolve("hf-nemotron-nas/config.json").toFile());
        assertThat(config.at("/block_configs/0/attention/no_op").asBoolean()).as("layer 0 keeps attention").isFalse();
        assertThat(config.at("/block_configs/2/attention/no_op").asBoolean()).isTrue();
        assertThat(config.at("/block_configs/1/ffn/no_op").asBoolean()).isTrue();
        double mult = config.at("/block_configs/3/ffn/ffn_mult").asDouble();
        assertThat(Math.ceilDiv((int) (2 * mult * 64 / 3), 256) * 256).isEqualTo(256);
    }

    @Test
    void largeModelsAreSharded() throws Exception {
        Path target = Files.createDirectory(folder.resolve("sharded"));
        try (Checkpoint checkpoint = Checkpoint.open(STORIES)) {
            new PaddedFormat().write(checkpoint, target, 200_000);
        }
        assertThat(target.resolve("model.safetensors.index.json")).exists();
        assertThat(target.resolve("model.safetensors")).doesNotExist();
        assertThat(compare(ExportFormats.of("padded"), STORIES, target).relativeError()).isLessThan(1e-6);
    }

    @Test
    void theFirstFolderFormatIsTheModelFolder() {
        assertThat(ExportFormats.inOrder(List.of("gguf"))).extracting(ExportFormat::name)
                .containsExactly("hf", "gguf");
        assertThat(ExportFormats.inOrder(List.of("gguf-f16", "padded", "hf"))).extracting(ExportFormat::name)
                .containsExactly("padded", "hf", "gguf-f16");
    }

    private LoadCheck export(String name, Path source) throws IOException {
        return export(name, source, Files.createDirectory(folder.resolve(name)));
    }

    private static LoadCheck export(String name, Path source, Path target) throws IOException {
        ExportFormat format = ExportFormats.of(name);
        try (Checkpoint checkpoint = Checkpoint.open(source)) {
            format.write(checkpoint, target);
        }
        return compare(format, source, target);
    }

    private static LoadCheck compare(ExportFormat format, Path source, Path target) {
        try (Model original = Model.streamed(source, Device.cpu());
                Model written = format.open(target, original.config(), Device.cpu())) {
            int[] tokens = IntStream.of(TOKENS).map(t -> t % original.config().vocabularySize()).toArray();
            return LoadCheck.of(LoadCheck.logits(original, tokens), LoadCheck.logits(written, tokens));
        }
    }

    /** The example's configuration in other widths, with random weights. */
    private static Path random(List<LayerShape> widths, Path target) throws IOException {
        return random(widths, target, 5);
    }

    private static Path random(List<LayerShape> widths, Path target, long seed) throws IOException {
        ObjectNode manifest = JSON.createObjectNode();
        ArrayNode layers = manifest.putArray("layers");
        for (LayerShape width : widths) {
            ObjectNode layer = layers.addObject().put("queryHeads", width.queryHeads())
                    .put("kvGroups", width.kvHeads()).put("channels", width.channels());
            if (width.headDims() != null) {
                layer.set("keptHeadDims", JSON.valueToTree(width.headDims()));
            }
        }
        Files.writeString(target.resolve(ModelConfig.MANIFEST), manifest.toString());
        RandomCheckpoint.write(STORIES, target, seed);
        return target;
    }
}
