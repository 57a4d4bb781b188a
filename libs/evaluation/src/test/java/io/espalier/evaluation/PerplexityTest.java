package io.espalier.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Segments;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class PerplexityTest {
    /** Text and what torch says about it; made by tools/golden/perplexity.py. */
    private static final Path GOLDEN = Path.of("../model/src/test/resources/golden");

    @Test
    void equalsTorch() throws Exception {
        JsonNode expected = new ObjectMapper().readTree(GOLDEN.resolve("perplexity.json").toFile());
        List<Double> ratios = new ArrayList<>();
        long[] finished = {0};
        try (Model model = Stories.model(); Tokenizer tokenizer = Stories.tokenizer()) {
            int[][] segments = Segments.cut(tokenizer, TextSource.read(GOLDEN.resolve("perplexity.txt")), 128, null);
            Perplexity perplexity = Perplexity.of(model, segments, new Limits(1024, 1 << 20), (ratio, tokens) -> {
                ratios.add(ratio);
                finished[0] += tokens;
            });

            assertThat(segments).hasDimensions(expected.get("windows").intValue(), 128);
            assertThat(perplexity.tokens()).isEqualTo(segments.length * 127L);
            assertThat(perplexity.nll() / perplexity.tokens()).isCloseTo(expected.get("nll").doubleValue(), within(
                    1e-6));
            assertThat(perplexity.value()).isCloseTo(expected.get("perplexity").doubleValue(), within(1e-5));
            assertThat(ratios).isSorted().last().isEqualTo(1.0);
            assertThat(finished[0]).isEqualTo(perplexity.tokens());
        }
    }

    @Test
    void doesNotDependOnTheBatchNorOnResidence() throws Exception {
        try (Model streamed = Stories.model();
                Model resident = Model.resident(Stories.FOLDER, streamed.device());
                Tokenizer tokenizer = Stories.tokenizer()) {
            int[][] segments = Segments.cut(tokenizer, TextSource.read(GOLDEN.resolve("perplexity.txt")), 100, 20);
            double one = Perplexity.of(streamed, segments, new Limits(1, 1), Progress.NONE).value();
            double all = Perplexity.of(resident, segments, Limits.standard(), Progress.NONE).value();
            assertThat(all).isCloseTo(one, within(1e-5 * one));
        }
    }

    /** Also where segments are equal or begin alike, and choices of a question would be read once or be branches. */
    @Test
    void segmentsAreReadOneByOneWhateverElseIsAskedFor() throws Exception {
        try (Model model = Stories.model(); Tokenizer tokenizer = Stories.tokenizer()) {
            int[][] some = Segments.cut(tokenizer, TextSource.read(GOLDEN.resolve("perplexity.txt")), 128, 12);
            int[][] segments = Arrays.copyOf(some, 24);
            for (int i = 0; i < some.length; i++) {
                segments[12 + i] = some[11 - i].clone();
                if (i % 2 == 0) {
                    segments[12 + i][100 + i] = i; // as another story with the same beginning
                }
            }
            var limits = new Limits(8 * 128, 1 << 20);
            long[] read = {0};
            double whole = Perplexity.of(model, segments, limits, (ratio, tokens) -> read[0] += tokens).nll();
            assertThat(read[0]).isEqualTo(24 * 127);
            double parts = 0;
            for (int[] borders : new int[][]{{0, 8}, {8, 24}}) {
                parts += Perplexity.of(model, Arrays.copyOfRange(segments, borders[0], borders[1]), limits,
                        Progress.NONE).nll();
            }
            assertThat(parts).isCloseTo(whole, within(1e-14 * whole)); // the order of the sum alone
        }
    }

    /**
     * The figure that comes with stories260K: the first 100,000 characters of TinyStories' validation split, 372 windows of
     * 128. The system property {@code espalier.tinystories} names that file.
     */
    @Test
    void equalsTheFigureThatComesWithTheModel() throws Exception {
        String file = System.getProperty("espalier.tinystories");
        assumeTrue(file != null, "set -Despalier.tinystories to TinyStories-valid.sample.txt");
        String text = Files.readString(Path.of(file));
        TextSource start = TextSource.plain(text.substring(0, text.offsetByCodePoints(0, 100_000)));
        try (Model model = Stories.model(); Tokenizer tokenizer = Stories.tokenizer()) {
            int[][] segments = Segments.cut(tokenizer, start, 128, null);
            Perplexity perplexity = Perplexity.of(model, segments, Limits.standard(), Progress.NONE);
            assertThat(segments.length).isEqualTo(372);
            assertThat(perplexity.value()).isCloseTo(4.3337, within(1e-4 * 4.3337));
        }
    }
}
