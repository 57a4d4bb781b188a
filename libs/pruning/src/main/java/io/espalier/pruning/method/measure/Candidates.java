package io.espalier.pruning.method.measure;

import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.Divergence;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.TokenScores;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.Objective;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.stream.BlockCut;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Measures candidates side by side: each block is read once and then passed by every candidate in the widths of its plan,
 * so weights are read once for all, and activations grow with the number of candidates. A candidate's value does not
 * depend on which others are measured with it.
 *
 * @param microBatch sequences in one forward pass
 */
public record Candidates(Path model, Compute compute, int[][] samples, int microBatch, Progress progress) {
    /** One value for each plan, in order; low is good. */
    public double[] measure(Objective objective, List<PruningPlan> plans) throws InterruptedException {
        return switch (objective) {
            case PERPLEXITY -> perplexities(plans);
            case KL_DIVERGENCE -> divergences(plans);
        };
    }

    /** {@code exp(sum nll / predicted tokens)} of each. */
    private double[] perplexities(List<PruningPlan> plans) throws InterruptedException {
        try (Model opened = compute.open(model); Streams streams = new Streams(opened, plans)) {
            streams.run();
            double[] values = new double[plans.size()];
            for (int i = 0; i < values.length; i++) {
                double nll = 0;
                long tokens = 0;
                for (TokenScores scores : streams.get(i).scores()) {
                    nll += scores.nll();
                    tokens += scores.logProbability().length;
                }
                values[i] = Math.exp(nll / tokens);
                progress.at(0.9 + 0.1 * (i + 1) / values.length, null);
            }
            return values;
        }
    }

    /** Mean over all positions of {@code KL(original || candidate)} of each. */
    private double[] divergences(List<PruningPlan> plans) throws InterruptedException {
        List<PruningPlan> all = new ArrayList<>(plans);
        all.add(null); // the original, last
        try (Model opened = compute.open(model); Streams streams = new Streams(opened, all)) {
            streams.run();
            List<Divergence.Source> sources = streams.streams.stream().map(
                    stream -> new Divergence.Source(opened, stream)).toList();
            return Divergence.of(sources.getLast(), sources.subList(0, plans.size())).stream()
                    .mapToDouble(sum -> sum.kl() / sum.positions()).toArray();
        }
    }

    /** One stream of the samples for each plan; no plan stands for the original. */
    private final class Streams implements AutoCloseable {
        private final Model opened;
        private final List<PruningPlan> plans;
        private final List<ActivationStream> streams = new ArrayList<>();

        Streams(Model opened, List<PruningPlan> plans) {
            this.opened = opened;
            this.plans = plans;
            Compute share = new Compute(compute.device(), compute.residentBytes(),
                    compute.boundaryBytes() / plans.size(), compute.scratch());
            MicroBatches batches = MicroBatches.of(samples, microBatch);
            for (int i = 0; i < plans.size(); i++) {
                streams.add(share.streamer(opened).stream(batches));
            }
        }

        ActivationStream get(int index) {
            return streams.get(index);
        }

        void run() throws InterruptedException {
            int layers = opened.config().layers().size();
            for (int layer = 0; layer < layers; layer++) {
                try (NDManager scope = opened.newScope()) {
                    BlockWeights block = opened.block(scope, layer);
                    for (int i = 0; i < plans.size(); i++) {
                        pass(block, i);
                        progress.tokens((long) samples.length * samples[0].length / layers);
                        progress.at(0.9 * (layer + (i + 1.0) / plans.size()) / layers, "layer " + layer);
                    }
                }
                opened.release(layer);
            }
        }

        private void pass(BlockWeights block, int index) {
            PruningPlan plan = plans.get(index);
            if (plan == null) {
                streams.get(index).advance(block, _ -> BlockHooks.NONE);
                return;
            }
            for (LayerPlan layer : plan.layers()) {
                if (layer.layer() == block.layer()) { // a layer that the plan drops is passed unchanged
                    try (NDManager scope = opened.newScope()) {
                        BlockCut cut = new BlockCut(opened.config().headDim(), layer);
                        streams.get(index).advance(cut.apply(scope, block), _ -> BlockHooks.NONE);
                    }
                }
            }
        }

        @Override
        public void close() {
            streams.forEach(ActivationStream::close);
        }
    }
}
