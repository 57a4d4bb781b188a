package io.espalier.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.Golden;
import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers that are no tokenizer.json encode as the library does that they come from (tools/golden/sentencepieces.py). */
class TokenizerFormsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path TOKENIZERS = Golden.folder("tokenizers");

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma", "unigram", "unigram-bytes", "bpe-unknown"})
    void idsAreThoseOfSentencepiece(String name) throws IOException {
        Files.copy(TOKENIZERS.resolve(name + ".model"), folder.resolve("tokenizer.model"));

        assertExpected(name);
    }

    @Test
    void vocabularyAndMergesAreReadAsTransformersDoes() throws IOException {
        copy("byte-level/vocab.json", "vocab.json");
        copy("byte-level/merges.txt", "merges.txt");
        copy("byte-level/tokenizer_config.json", "tokenizer_config.json");

        assertExpected("byte-level");
    }

    private void assertExpected(String name) throws IOException {
        JsonNode expected = JSON.readTree(TOKENIZERS.resolve("expected.json").toFile());
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            for (int i = 0; i < expected.get("texts").size(); i++) {
                String text = expected.get("texts").get(i).textValue();
                int[] ids = JSON.readValue(expected.get("ids").get(name).get(i).textValue(), int[].class);
                assertThat(tokenizer.encodePlain(text)).as("text %d: %s", i, text).containsExactly(ids);
            }
        }
    }

    @Test
    void textComesBack() throws IOException {
        copy("llama.model", "tokenizer.model");
        String text = "  Lily saw 2 😀 birds.\n\nGrüße, 世界!";

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void aLlamaTokenizerModelPutsBosInFrontUnlessTheConfigForbidsIt() throws IOException {
        copy("llama.model", "tokenizer.model");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("Lily")).startsWith(1).hasSize(tokenizer.encodePlain("Lily").length + 1);
            assertThat(tokenizer.bosRule()).isEqualTo(Tokenizer.BosRule.POST_PROCESSOR);
        }
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"tokenizer_class": "LlamaTokenizer", "add_bos_token": false, "bos_token": "<s>"}""");
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("Lily")).containsExactly(tokenizer.encodePlain("Lily"));
            assertThat(tokenizer.bosRule()).isEqualTo(Tokenizer.BosRule.NEVER);
        }
    }

    @Test
    void chatGlmPutsItsTwoTokensInFront() throws IOException {
        copy("llama.model", "tokenizer.model");
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"tokenizer_class": "ChatGLMTokenizer"}""");

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            int[] ids = tokenizer.encode("Lily");
            assertThat(Arrays.copyOf(ids, 2)).containsExactly(521, 523);
            assertThat(Arrays.copyOfRange(ids, 2, ids.length)).containsExactly(tokenizer.encodePlain("Lily"));
        }
    }

    @Test
    void tokensBesideTheVocabularyAreKnown() throws IOException {
        copy("llama.model", "tokenizer.model");
        Files.writeString(folder.resolve("added_tokens.json"), "{\"<pad>\": 520}");
        Files.writeString(folder.resolve("tokenizer_config.json"), """
                {"added_tokens_decoder": {"521": {"content": "<|user|>", "single_word": false, "lstrip": false,
                 "rstrip": false, "normalized": false, "special": true}}}""");

        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            assertThat(tokenizer.encode("<|user|>Lily<pad>")).contains(521).endsWith(520);
        }
    }

    @Test
    void mergesInTheOldFormMeanTheSame() throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(Golden.STORIES.resolve("tokenizer.json").toFile());
        ArrayNode merges = (ArrayNode) json.get("model").get("merges");
        boolean pairs = merges.get(0).isArray();
        ArrayNode other = JSON.createArrayNode();
        for (JsonNode merge : merges) {
            if (pairs) {
                other.add(merge.get(0).asText() + " " + merge.get(1).asText());
            } else {
                String[] parts = merge.asText().split(" ");
                other.addArray().add(parts[0]).add(parts[1]);
            }
        }
        ((ObjectNode) json.get("model")).set("merges", other);
        JSON.writeValue(folder.resolve("tokenizer.json").toFile(), json);

        String text = Files.readString(Golden.folder("perplexity.txt"));
        try (Tokenizer changed = Tokenizer.open(folder); Tokenizer original = Tokenizer.open(Golden.STORIES)) {
            assertThat(changed.encode(text)).containsExactly(original.encode(text));
        }
    }

    @Test
    void whatIsNoTokenizerIsNamed() throws IOException {
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContainingAll("no tokenizer", "tokenizer.json", "tokenizer.model", "merges.txt");
        byte[] model = Files.readAllBytes(TOKENIZERS.resolve("llama.model"));
        for (byte[] broken : new byte[][]{{}, Arrays.copyOf(model, 1000), Arrays.copyOfRange(model, 7, model.length),
            "IQ== 0\nIg== 1\nIw== 2\n".getBytes(StandardCharsets.UTF_8)}) {
            Files.write(folder.resolve("tokenizer.model"), broken);
            assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                    .hasMessageContainingAll("tokenizer.model", "not a sentencepiece model");
        }
    }

    /** The native tokenizer aborts on each of these, with the process around it. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"type\": \"Precompiled\"}", "{\"type\": \"Precompiled\", \"precompiled_charsmap\": 7}",
        "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}",
        "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"no base 64!\"}",
        "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"BAAAAAAAAAA=\"}"})
    void characterMapsThatLeadNowhereAreRefused(String normalizer) throws IOException {
        refused("normalizer", JSON.readTree(normalizer), "precompiled_charsmap");
    }

    @Test
    void whatTheNativeReaderCannotParseIsRefused() throws IOException {
        refused("decoder",
                JSON.readTree("{\"type\": \"Strip\", \"content\": \" \", \"start\": 987654321, \"stop\": 0}"),
                "number that is too large");
        refused("decoder", JSON.readTree("[".repeat(150) + "]".repeat(150)), "deep");
    }

    private void refused(String key, JsonNode value, String message) throws IOException {
        ObjectNode json = (ObjectNode) JSON.readTree(Golden.STORIES.resolve("tokenizer.json").toFile());
        json.set(key, value);
        Files.writeString(folder.resolve("tokenizer.json"), json.toString().replace("987654321", "1e99999"));
        assertThatThrownBy(() -> Tokenizer.open(folder)).isInstanceOf(InvalidCheckpointException.class)
                .hasMessageContainingAll("tokenizer.json", message);
    }

    private void copy(String from, String to) throws IOException {
        Files.copy(TOKENIZERS.resolve(from), folder.resolve(to));
    }
}
