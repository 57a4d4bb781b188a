package io.espalier.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.Golden;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.forward.ForwardVisitor;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.forward.TokenScores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTest {
    private static Tokenizer tokenizer;

    @TempDir
    private Path folder;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.open(Golden.STORIES);
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void idsAreThoseOfTransformers() {
        String prompt = "Once upon a time, there was a little girl named Lily.";
        int[] ids = {1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426};

        assertThat(tokenizer.encode(prompt)).containsExactly(ids);
        assertThat(tokenizer.encodePlain(prompt)).containsExactly(Arrays.copyOfRange(ids, 1, ids.length));
        assertThat(tokenizer.decode(ids)).isEqualTo(prompt);
    }

    @Test
    void longTextIsNotTruncated() {
        assertThat(tokenizer.encode("Lily ran. ".repeat(2000))).hasSizeGreaterThan(8000);
    }

    @Test
    void theBosRuleIsThatOfTokenizerConfig() throws IOException {
        Files.copy(Golden.STORIES.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        try (Tokenizer unsaid = Tokenizer.open(folder)) {
            assertThat(unsaid.bosRule()).isEqualTo(Tokenizer.BosRule.POST_PROCESSOR);
            assertThat(unsaid.encode("Lily")[0]).isEqualTo(1);
        }
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"add_bos_token\": false, \"bos_token\": \"<s>\"}");
        try (Tokenizer never = Tokenizer.open(folder)) {
            assertThat(never.encode("Lily")).containsExactly(never.encodePlain("Lily"));
            assertThat(never.digest()).isEqualTo(tokenizer.digest());
        }
        String json = Files.readString(folder.resolve("tokenizer.json"));
        String without = new ObjectMapper().writeValueAsString(
                ((com.fasterxml.jackson.databind.node.ObjectNode) new ObjectMapper().readTree(json))
                        .putNull("post_processor"));
        Files.writeString(folder.resolve("tokenizer.json"), without);
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"add_bos_token\": true, \"bos_token\": {\"content\": \"<s>\"}}");
        try (Tokenizer always = Tokenizer.open(folder)) {
            assertThat(always.encode("Lily")[0]).isEqualTo(1);
            assertThat(always.encodePlain("Lily")[0]).isNotEqualTo(1);
        }
    }

    @Test
    void aBrokenTokenizerIsNamed() throws IOException {
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("tokenizer.json");
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContaining("not a tokenizer");
    }

    @Test
    void readsPlainTextJsonLinesAndArrays() throws IOException {
        TextSource plain = TextSource.read(Files.writeString(folder.resolve("a.txt"), "One\nline.\n\n \nTwo.\n"));
        TextSource lines = TextSource.read(
                Files.writeString(folder.resolve("a.jsonl"), "{\"text\":\"One\"}\n\n{\"text\":\"Two\",\"n\":1}\n"));
        TextSource array = TextSource
                .read(Files.writeString(folder.resolve("a.json"), " [{\"text\":\"One\"}, \"Two\"]"));

        assertThat(plain.documents()).containsExactly("One\nline.", "Two.\n");
        assertThat(plain.text()).isEqualTo("One\nline.\n\n \nTwo.\n");
        assertThat(lines.documents()).containsExactly("One", "Two");
        assertThat(lines.text()).isEqualTo("One\n\nTwo");
        assertThat(array.documents()).containsExactly("One", "Two");
    }

    @Test
    void unreadableTextIsNamed() throws IOException {
        Path noText = Files.writeString(folder.resolve("a.jsonl"), "{\"text\":\"One\"}\n{\"body\":\"Two\"}\n");
        assertThatThrownBy(() -> TextSource.read(noText)).isInstanceOf(InvalidTextException.class)
                .hasMessageContaining("row 2").hasMessageContaining("'text'");
        assertThatThrownBy(() -> TextSource.read(folder.resolve("gone"))).isInstanceOf(InvalidTextException.class)
                .hasMessageContaining("gone");
        Path binary = Files.write(folder.resolve("b"), new byte[]{(byte) 0xc3, 0x28});
        assertThatThrownBy(() -> TextSource.read(binary)).isInstanceOf(InvalidTextException.class)
                .hasMessageContaining("UTF-8");
    }

    @Test
    void samplesAreRepeatableAndDistinct() {
        TextSource source = TextSource.read(Golden.folder("perplexity.txt"));
        var sampler = new CalibrationSampler(tokenizer, source);

        int[][] drawn = sampler.draw(10, 64, 42);

        assertThat(drawn).isDeepEqualTo(sampler.draw(10, 64, 42));
        assertThat(drawn).hasDimensions(10, 64);
        assertThat(sampler.draw(10, 64, 43)).isNotEqualTo(drawn);
        var distinct = new HashSet<String>();
        for (int[] sample : drawn) {
            distinct.add(Arrays.toString(sample));
        }
        assertThat(distinct).hasSize(10);
    }

    @Test
    void aShortTextIsRefusedWithWhatItHolds() {
        var sampler = new CalibrationSampler(tokenizer, TextSource.plain("Lily ran.\n\nShe was happy."));

        assertThatThrownBy(() -> sampler.draw(10, 64, 42)).isInstanceOf(InvalidTextException.class)
                .hasMessageContaining("only 0").hasMessageContaining("64 tokens").hasMessageContaining("10");
        assertThatThrownBy(() -> Segments.cut(tokenizer, TextSource.plain("Lily"), 128, null))
                .isInstanceOf(InvalidTextException.class).hasMessageContaining("128");
    }

    @Test
    void rowsOfTheirOwnAreNeverJoined() {
        var rows = new TextSource(java.util.List.of("Lily ran.", "Lily ran to the park.".repeat(20)), null, "");

        int[][] drawn = new CalibrationSampler(tokenizer, rows).draw(1, 32, 1);

        assertThat(tokenizer.decode(drawn[0])).contains("park");
    }

    @Test
    void perplexityIsThatOfTorch() throws IOException {
        JsonNode expected = new ObjectMapper().readTree(Golden.folder("perplexity.json").toFile());
        int[][] segments = Segments.cut(tokenizer, TextSource.read(Golden.folder("perplexity.txt")), 128, null);

        try (Model model = Model.streamed(Golden.STORIES, Device.cpu())) {
            double nll = new Streamer(model).scores(MicroBatches.of(segments, 16), ForwardVisitor.NONE).stream()
                    .mapToDouble(TokenScores::nll).sum();

            assertThat(segments).hasDimensions(expected.get("windows").intValue(), 128);
            assertThat(Math.exp(nll / (segments.length * 127.0))).isCloseTo(expected.get("perplexity").doubleValue(),
                    within(1e-4));
        }
    }
}
