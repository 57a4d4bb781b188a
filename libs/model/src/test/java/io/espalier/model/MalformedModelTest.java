package io.espalier.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.fuzz.Footprint;
import io.espalier.fuzz.Mutations;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.ForwardVisitor;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.text.Tokenizer;
import io.espalier.model.weights.SafetensorsFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A broken checkpoint is refused with one of our two exceptions, which name the file, or it can be run; nothing else comes
 * out, whatever was broken, and nothing stays in memory. Seeded; {@code -Despalier.fuzz=10000} looks at more (docs/reliability.md).
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MalformedModelTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int COUNT = Mutations.count(200);
    /** One part in so many goes by before memory is looked at: libraries, pools and compiled code. */
    private static final int WARM_UP = 4;
    private static final long HEAP_SLACK_BYTES = 8L << 20;
    /** Arenas of the allocators, compiled code, and a heap that has grown; a tokenizer or a model takes much more. */
    private static final long NATIVE_SLACK_BYTES = 96L << 20;
    private static final long NATIVE_BYTES = 8 << 10;
    private static final int[][] TOKENS = {{1, 5, 7, 2, 9, 4, 3, 8}};
    private static final List<String> MODELS = List.of("llama-tied", "gemma2", "phi3-longrope", "chatglm", "qwen2-yarn",
            "mistral-window", "glm4");
    private static final List<String> KEYS = List.of("dtype", "shape", "data_offsets", "__metadata__", "weight_map", "",
            "rope_scaling", "head_dim", "vocab_size", "model", "vocab", "merges", "added_tokens", "quantization_config",
            "sliding_window", "layer_types", "type", "id");

    @TempDir
    Path temporary;

    private final Mutations mutations = new Mutations(20261125, KEYS);
    private final TestReporter reporter;

    MalformedModelTest(TestReporter reporter) {
        this.reporter = reporter;
    }

    /** The native libraries come once and stay. */
    @BeforeAll
    static void loadLibraries() {
        run(Golden.folder("llama-tied"));
        encode(Golden.STORIES);
    }

    /** What a mutant does to a folder with a good checkpoint. */
    private interface Breaking {
        void in(Path folder) throws IOException;
    }

    @Test
    void headersOfWeights() throws IOException {
        forEachMutant("weights", this::model, folder -> breakHeader(folder.resolve("model.safetensors")),
                MalformedModelTest::run);
    }

    @Test
    void indexesOfWeights() throws IOException {
        forEachMutant("index", this::sharded, folder -> breakJson(folder.resolve("model.safetensors.index.json")),
                MalformedModelTest::run);
    }

    @Test
    void configs() throws IOException {
        forEachMutant("config", this::model, folder -> breakJson(folder.resolve("config.json")),
                MalformedModelTest::run);
    }

    @Test
    void tokenizersAsJson() throws IOException {
        forEachMutant("tokenizer.json", folder -> copy(Golden.STORIES, folder, "tokenizer.json",
                "tokenizer_config.json"),
                folder -> breakJson(folder.resolve(mutations.choice(4) == 0
                        ? "tokenizer_config.json"
                        : "tokenizer.json")),
                MalformedModelTest::encode);
    }

    @Test
    void tokenizersOfSentencePiece() throws IOException {
        List<String> models = List.of("llama", "gemma", "unigram", "unigram-bytes", "bpe-unknown");
        forEachMutant("tokenizer.model", folder -> Files.copy(
                Golden.folder("tokenizers").resolve(models.get(mutations.choice(models.size())) + ".model"),
                folder.resolve("tokenizer.model")),
                folder -> breakBytes(folder.resolve("tokenizer.model"), Integer.MAX_VALUE), MalformedModelTest::encode);
    }

    @Test
    void tokenizersOfSeveralFiles() throws IOException {
        List<String> files = List.of("vocab.json", "merges.txt", "tokenizer_config.json", "added_tokens.json");
        forEachMutant("vocab.json", folder -> {
            copy(Golden.folder("tokenizers").resolve("byte-level"), folder, "vocab.json", "merges.txt");
            Files.writeString(folder.resolve("added_tokens.json"), "{\"<a>\": 500}");
            Files.writeString(folder.resolve("tokenizer_config.json"), """
                    {"tokenizer_class": "Qwen2Tokenizer", "add_bos_token": true, "bos_token": {"content": "<a>"},
                     "added_tokens_decoder": {"501": {"content": "<b>", "special": true, "lstrip": false,
                       "rstrip": false, "normalized": false, "single_word": false}}}""");
        }, folder -> {
            Path file = folder.resolve(files.get(mutations.choice(files.size())));
            if (file.toString().endsWith(".json")) {
                breakJson(file);
            } else {
                breakBytes(file, Integer.MAX_VALUE);
            }
        }, MalformedModelTest::encode);
    }

    private void forEachMutant(String what, Breaking make, Breaking breaking, Breaking use) throws IOException {
        int refused = 0;
        Footprint before = Footprint.now();
        for (int i = 0; i < COUNT; i++) {
            if (i == COUNT / WARM_UP) {
                before = Footprint.now();
            }
            Path folder = Files.createDirectory(temporary.resolve(Integer.toString(i)));
            make.in(folder);
            breaking.in(folder);
            refused += isRefused(folder, use) ? 1 : 0;
            delete(folder);
        }
        assertThat(refused).as("refused of %d", COUNT).isPositive().isLessThan(COUNT);
        Footprint grown = Footprint.now().since(before);
        reporter.publishEntry(what,
                COUNT + " mutants, " + refused + " refused, the others can be used; memory since the "
                        + COUNT / WARM_UP + "th: " + grown);
        assertThat(grown.heap()).as("%s", grown).isLessThan(HEAP_SLACK_BYTES);
        assertThat(grown.resident()).as("%s", grown).isLessThan(NATIVE_SLACK_BYTES + COUNT * NATIVE_BYTES);
    }

    private static boolean isRefused(Path folder, Breaking use) throws IOException {
        try {
            use.in(folder);
            return false;
        } catch (InvalidCheckpointException | UnsupportedModelException e) {
            assertThat(e.getMessage()).contains(folder.toString());
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("neither refused nor of use: mutant " + folder.getFileName(), e);
        }
    }

    private static void run(Path folder) {
        try (Model model = Model.streamed(folder, Device.cpu())) {
            assertThat(new Streamer(model).scores(MicroBatches.of(TOKENS, 1), ForwardVisitor.NONE)).hasSize(1);
        }
    }

    private static void encode(Path folder) {
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            tokenizer.decode(tokenizer.encode("Once upon a time, there was a cat: \u00e9\ud83d\ude00 <s>\n"));
        }
    }

    private void model(Path folder) throws IOException {
        copy(Golden.folder(MODELS.get(mutations.choice(MODELS.size()))), folder, "config.json", "model.safetensors");
    }

    private void sharded(Path folder) throws IOException {
        model(folder);
        String shard = "model-00001-of-00001.safetensors";
        Files.move(folder.resolve("model.safetensors"), folder.resolve(shard));
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata").put("total_size", 1);
        ObjectNode map = index.putObject("weight_map");
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(shard))) {
            file.tensors().keySet().forEach(name -> map.put(name, shard));
        }
        JSON.writeValue(folder.resolve("model.safetensors.index.json").toFile(), index);
    }

    /** As bytes, or as the JSON it is, with the right length in front. */
    private void breakHeader(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        int length = (int) ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (mutations.choice(3) == 0) {
            Files.write(file, mutations.bytes(all, Long.BYTES + length));
            return;
        }
        ObjectNode header = (ObjectNode) JSON.readTree(all, Long.BYTES, length);
        byte[] broken = mutations.tree(header).toString().getBytes(StandardCharsets.UTF_8);
        Files.write(file, ByteBuffer.allocate(Long.BYTES + broken.length + all.length - Long.BYTES - length)
                .order(ByteOrder.LITTLE_ENDIAN).putLong(broken.length).put(broken)
                .put(all, Long.BYTES + length, all.length - Long.BYTES - length).array());
    }

    private void breakJson(Path file) throws IOException {
        String text = Files.readString(file);
        switch (mutations.choice(4)) {
            case 0 -> Files.writeString(file, mutations.text(text).replace('\ud83d', '?'));
            case 1 -> breakBytes(file, Integer.MAX_VALUE);
            default -> Files.writeString(file,
                    mutations.tree((ObjectNode) JSON.readTree(text)).toString().replace('\ud800', '?'));
        }
    }

    private void breakBytes(Path file, int within) throws IOException {
        Files.write(file, mutations.bytes(Files.readAllBytes(file), within));
    }

    private static void copy(Path from, Path to, String... names) throws IOException {
        for (String name : names) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
