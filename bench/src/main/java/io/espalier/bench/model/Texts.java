package io.espalier.bench.model;

import io.espalier.bench.BenchOptions;
import io.espalier.model.text.Segments;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** Data for benchmarks: the example texts, and token ids drawn at random where their meaning does not matter. */
public final class Texts {
    private static final long SEED = 7;

    private Texts() {}

    /** Text for perplexities. */
    public static Path evaluation(BenchOptions options) {
        return options.home().resolve("examples/data/tinystories-valid.txt");
    }

    /** Documents to train on. */
    public static Path training(BenchOptions options) {
        return options.home().resolve("examples/data/tinystories-train.jsonl");
    }

    /** Documents to calibrate with. */
    public static Path calibration(BenchOptions options) {
        return options.home().resolve("examples/data/tinystories-calibration.jsonl");
    }

    /** The segments that an evaluation of {@link #evaluation} sees, [segments][length]. */
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
