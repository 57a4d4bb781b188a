package io.espalier.evaluation.likelihood;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.evaluation.Progress;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.model.forward.TokenScores;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Log-likelihoods of spans. Blocks outside, micro-batches inside: a streamed model reads each block once per wave and
 * never has more than one in memory. lm_head sees only the tokens that predict something. What a span scores depends
 * neither on the other spans nor on the limits, but for rounding.
 */
public final class SpanScorer {
    private final Model model;
    private final Limits limits;
    private final Function<List<Span>, List<Reading>> readings;

    public SpanScorer(Model model, Limits limits) {
        this(model, limits, Sharing.of(model.config(), limits));
    }

    /**
     * Reads every span for itself, also those that begin alike. Spans of one length pass the model in their order: the same
     * micro-batch gives the same bits, whatever stands before and behind it.
     */
    public static SpanScorer apart(Model model, Limits limits) {
        return new SpanScorer(model, limits, Reading::each);
    }

    SpanScorer(Model model, Limits limits, Sharing sharing) {
        this(model, limits, spans -> Reading.of(spans, sharing));
    }

    private SpanScorer(Model model, Limits limits, Function<List<Span>, List<Reading>> readings) {
        this.model = model;
        this.limits = limits;
        this.readings = readings;
    }

    /**
     * @param spans no longer than the model's positions and one more, as {@link PairEncoder} makes them
     * @return scores of each span's continuation, in the order of the spans
     */
    public List<TokenScores> score(List<Span> spans, Progress progress) throws InterruptedException {
        List<Wave> waves = Wave.of(readings.apply(spans), limits, model.config().hiddenSize(), model.config()
                .maxPositions());
        return new Run(spans.size(), waves, progress).run();
    }

    private final class Run {
        private final TokenScores[] scores;
        private final List<Wave> waves;
        private final Progress progress;
        private final int layers = model.config().layers().size();
        private final double allPasses;
        private double passes;

        Run(int spans, List<Wave> waves, Progress progress) {
            this.scores = new TokenScores[spans];
            this.waves = waves;
            this.progress = progress;
            this.allPasses = waves.stream().mapToLong(Wave::tokens).sum() * (layers + 1.0);
        }

        List<TokenScores> run() throws InterruptedException {
            for (Wave wave : waves) {
                try (ActivationStream stream = new Streamer(model, Long.MAX_VALUE, null).stream(wave.microBatches())) {
                    for (int layer = 0; layer < layers; layer++) {
                        pass(stream, wave, layer);
                    }
                    for (int m = 0; m < wave.batches().size(); m++) {
                        predict(stream, wave, m);
                        passed(wave.tokens(m), wave.tokens(m));
                    }
                }
            }
            return Arrays.asList(scores);
        }

        private void pass(ActivationStream stream, Wave wave, int layer) throws InterruptedException {
            try (NDManager scope = model.newScope()) {
                stream.advance(model.block(scope, layer), m -> {
                    entered(wave.tokens(m));
                    return BlockHooks.NONE;
                });
            } catch (Ended e) {
                throw e.reason;
            }
            model.release(layer);
        }

        private void entered(long tokens) {
            try {
                passed(tokens, 0);
            } catch (InterruptedException e) {
                throw new Ended(e);
            }
        }

        private void passed(long tokens, long finished) throws InterruptedException {
            passes += tokens;
            progress.advanced(passes / allPasses, finished);
        }

        private void predict(ActivationStream stream, Wave wave, int m) {
            List<Reading> readings = wave.batches().get(m);
            int length = wave.lengths().get(m);
            long[] rows = new Rows(readings, length).indices();
            int[] targets = readings.stream().flatMap(r -> r.parts().stream()).flatMapToInt(p -> Arrays.stream(p
                    .targets())).toArray();
            try (NDManager scope = model.newScope()) {
                NDArray x = stream.activation(scope, m); // (B, T, d)
                TokenScores all = model.head().scores(x, rows, targets);
                int from = 0;
                for (Reading reading : readings) {
                    for (Reading.Part part : reading.parts()) {
                        scores[part.span()] = all.part(from, from + part.targets().length);
                        from += part.targets().length;
                    }
                }
            }
        }
    }

    /** Carries the caller's wish to end through the model. */
    private static final class Ended extends RuntimeException {
        private final InterruptedException reason;

        Ended(InterruptedException reason) {
            super(reason);
            this.reason = reason;
        }
    }

    /** Rows of a micro-batch, [B * T], that predict the targets. */
    private record Rows(List<Reading> readings, int length) {
        long[] indices() {
            long[] indices = new long[readings.stream().flatMap(r -> r.parts().stream()).mapToInt(p -> p
                    .targets().length).sum()];
            int at = 0;
            for (int b = 0; b < readings.size(); b++) {
                Reading reading = readings.get(b);
                for (Reading.Part part : reading.parts()) {
                    for (int t = 0; t < part.targets().length; t++) {
                        indices[at++] = (long) b * length + reading.row(part, t);
                    }
                }
            }
            return indices;
        }
    }
}
