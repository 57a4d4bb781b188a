package io.espalier.bench.model;

import io.espalier.model.text.Segments;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * Data for benchmarks: the example texts, and token ids drawn at random where their meaning does not matter.
 *
 * @param home the repository root
 */
public record Texts(Path home) {
    private static final long SEED = 7;

    /** Text for perplexities. */
    public Path evaluation() {
        return home.resolve("examples/data/tinystories-valid.txt");
    }

    /** Documents to train on. */
    public Path training() {
        return home.resolve("examples/data/tinystories-train.jsonl");
    }

    /** Documents to calibrate with. */
    public Path calibration() {
        return home.resolve("examples/data/tinystories-calibration.jsonl");
    }

    /** What an evaluation of a text sees, [segments][length]. */
    public static int[][] segments(Path model, Path text, int length, int segments) {
        try (Tokenizer tokenizer = Tokenizer.open(model)) {
            return Segments.cut(tokenizer, TextSource.read(text), length, segments);
        }
    }

    /** [sequences][length], the same in every run. */
    public static int[][] tokens(int sequences, int length, int vocabulary) {
        var random = new SplittableRandom(SEED);
        var tokens = new int[sequences][length];
        for (int[] sequence : tokens) {
            for (int t = 0; t < length; t++) {
                sequence[t] = random.nextInt(vocabulary);
            }
        }
        return tokens;
    }
}
