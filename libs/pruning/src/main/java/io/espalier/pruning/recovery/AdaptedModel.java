package io.espalier.pruning.recovery;

import io.espalier.model.forward.CrossEntropy;
import io.espalier.model.forward.Gradients;
import io.espalier.model.forward.HeadObjective;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Streamer;
import io.espalier.model.forward.TokenScores;
import io.espalier.pruning.recovery.data.MicroBatch;
import java.util.List;
import java.util.function.Supplier;

/**
 * A frozen model with adapters. It runs block by block and recomputes each block in the backward pass, so the model may be
 * streamed or resident; only the adapters get gradients.
 */
final class AdaptedModel {
    private final Streamer streamer;
    private final Adapters adapters;
    private final Dropout dropout;

    AdaptedModel(Streamer streamer, Adapters adapters, Dropout dropout) {
        this.streamer = streamer;
        this.adapters = adapters;
        this.dropout = dropout;
    }

    /** Mean negative log-likelihood of all counted tokens, without dropout. */
    double meanLoss(List<MicroBatch> micros, Beat beat) throws InterruptedException {
        List<TokenScores> scores = interruptibly(
                () -> streamer.scores(tokens(micros), new AdaptedPass(adapters, Dropout.NONE, 0, beat)));
        double sum = 0;
        int sequence = 0;
        for (MicroBatch micro : micros) {
            for (boolean[] counts : micro.counts()) {
                double[] logProbability = scores.get(sequence++).logProbability();
                for (int t = 0; t < logProbability.length; t++) {
                    sum -= counts[t] ? logProbability[t] : 0;
                }
            }
        }
        return sum / micros.stream().mapToInt(MicroBatch::counted).sum();
    }

    /**
     * Adds the gradient of a weighted loss to the adapters' gradients.
     *
     * @param step   which step this is: dropout depends on it
     * @param weight of each counted token
     * @return sum of weight * negative log-likelihood
     */
    double accumulate(List<MicroBatch> micros, int step, double weight, Beat beat) throws InterruptedException {
        HeadObjective objective = (head, hidden, tokens) -> {
            MicroBatch micro = find(micros, tokens);
            return CrossEntropy.weighted(head, hidden, micro.targets(), micro.weights((float) weight));
        };
        return interruptibly(() -> streamer.backward(tokens(micros), objective, Gradients.BATCH, 1,
                new AdaptedPass(adapters, dropout, step, beat)));
    }

    private static MicroBatch find(List<MicroBatch> micros, int[][] tokens) {
        return micros.stream().filter(m -> m.tokens() == tokens).findFirst().orElseThrow();
    }

    private static MicroBatches tokens(List<MicroBatch> micros) {
        return new MicroBatches(micros.stream().map(MicroBatch::tokens).toList());
    }

    private static <T> T interruptibly(Supplier<T> pass) throws InterruptedException {
        try {
            return pass.get();
        } catch (AdaptedPass.InterruptedPass e) {
            throw e.interruption();
        }
    }
}
