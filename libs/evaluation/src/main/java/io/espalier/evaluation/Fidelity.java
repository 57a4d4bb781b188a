package io.espalier.evaluation;

import ai.djl.ndarray.NDManager;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.Divergence;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How faithfully a changed model still answers as the original does, on the same text: an early signal that needs no
 * answers to compare with. Both models are streamed block by block, the vocabulary is taken in pieces.
 *
 * @param kl     mean over all positions of {@code KL(original || changed)} of the next-token distributions, in nats
 * @param top1   share of positions at which both find the same token the most likely
 * @param tokens positions
 */
public record Fidelity(double kl, double top1, long tokens) {
    /**
     * @param segments [segments][T], each read on its own
     * @return one for each changed model, in order
     * @throws ArithmeticException if a model's output is not finite
     */
    public static List<Fidelity> of(Model original, List<Model> changed, int[][] segments, Limits limits,
            Progress progress) throws InterruptedException {
        List<Model> models = new ArrayList<>(List.of(original));
        models.addAll(changed);
        long width = models.stream().mapToLong(model -> model.config().hiddenSize()).sum();
        long perSegment = width * segments[0].length * Float.BYTES;
        int together = Math.clamp(limits.activationBytes() / perSegment, 1, segments.length);
        int microBatch = Math.max(1, limits.microBatchTokens() / segments[0].length);
        Divergence.Sum[] sums = new Divergence.Sum[changed.size()];
        Arrays.fill(sums, new Divergence.Sum(0, 0, 0));
        for (int from = 0; from < segments.length; from += together) {
            int to = Math.min(segments.length, from + together);
            var wave = new Wave(models, MicroBatches.of(Arrays.copyOfRange(segments, from, to), microBatch),
                    new Share((double) from / segments.length, (double) to / segments.length, progress));
            List<Divergence.Sum> found = wave.run();
            for (int i = 0; i < sums.length; i++) {
                sums[i] = sums[i].plus(found.get(i));
            }
        }
        return Arrays.stream(sums).map(Fidelity::of).toList();
    }

    private static Fidelity of(Divergence.Sum sum) {
        if (!Double.isFinite(sum.kl())) {
            throw new ArithmeticException("the divergence from the original is not finite");
        }
        return new Fidelity(sum.kl() / sum.positions(), (double) sum.agreed() / sum.positions(), sum.positions());
    }

    /** Segments that go through all models together, and are then compared. */
    private record Wave(List<Model> models, MicroBatches batches, Share share) {
        List<Divergence.Sum> run() throws InterruptedException {
            List<Divergence.Source> sources = new ArrayList<>();
            try {
                for (int i = 0; i < models.size(); i++) {
                    sources.add(new Divergence.Source(models.get(i), new Streamer(models.get(i), Long.MAX_VALUE, null)
                            .stream(batches)));
                    forward(sources.getLast(), i);
                }
                List<Divergence.Sum> sums = Divergence.of(sources.getFirst(), sources.subList(1, sources.size()));
                share.done(1, batches.sequences() * (long) batches.get(0)[0].length * models.size());
                return sums;
            } finally {
                sources.forEach(source -> source.stream().close());
            }
        }

        private void forward(Divergence.Source source, int index) throws InterruptedException {
            Model model = source.model();
            ActivationStream stream = source.stream();
            int layers = model.config().layers().size();
            for (int layer = 0; layer < layers; layer++) {
                try (NDManager scope = model.newScope()) {
                    stream.advance(model.block(scope, layer), _ -> BlockHooks.NONE);
                }
                model.release(layer);
                share.done((index + (layer + 1.0) / layers) / (models.size() + 1), 0);
            }
        }
    }

    /** What a wave is of the whole. */
    private record Share(double from, double to, Progress progress) {
        void done(double ratio, long tokens) throws InterruptedException {
            progress.advanced(from + (to - from) * ratio, tokens);
        }
    }
}
