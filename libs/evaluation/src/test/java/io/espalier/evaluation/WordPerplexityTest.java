package io.espalier.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.task.WikiText;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class WordPerplexityTest {
    private static final Path RESOURCES = Path.of("src/test/resources");

    @Test
    void equalsTheHarness() throws Exception {
        JsonNode expected = new ObjectMapper().readTree(RESOURCES.resolve("golden/zero-shot.json").toFile()).get(
                "wikitext");
        List<WikiText> pages = WikiText.pages(Files.readString(RESOURCES.resolve("tasks/wikitext.txt")));
        try (Model model = Stories.model(); Tokenizer tokenizer = Stories.tokenizer()) {
            WordPerplexity perplexity = WordPerplexity.of(model, tokenizer, pages, Limits.standard(), Progress.NONE);

            assertThat(pages).hasSize(expected.get("pages").intValue());
            assertThat(WordPerplexity.VERSION).isEqualTo(expected.get("version").textValue());
            assertClose(perplexity.perWord(), expected.at("/scores/word_perplexity"));
            assertClose(perplexity.perByte(), expected.at("/scores/byte_perplexity"));
            assertClose(perplexity.bitsPerByte(), expected.at("/scores/bits_per_byte"));
        }
    }

    private static void assertClose(double actual, JsonNode expected) {
        assertThat(actual).isCloseTo(expected.doubleValue(), within(1e-4 * expected.doubleValue()));
    }
}
