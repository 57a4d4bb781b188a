package io.espalier.pruning.method.bip;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.stream.Arrays64;
import io.espalier.pruning.method.stream.BlockWalk;
import io.espalier.pruning.plan.GlobalSelector;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * LLM-BIP (arXiv:2412.06419): how much the block's output changes at most when a channel goes, from one forward pass.
 *
 * <pre>
 * s_F[j] = ||x_U^j|| ||w_D^j||              exactly the change, for an MLP channel
 * s_H[j] = ||x_H^j|| |w_O^j| (1 + gain)     a bound, for an attention channel: gain is how the MLP amplifies it
 * </pre>
 *
 * Heads and KV groups sum over their channels. Ranked inside each layer and type: scores of different blocks have
 * different scales. The formulas are known from a review that quotes them; norm, aggregation, ratios, the dense stream
 * and the calibration are ours [D].
 */
public final class LlmBip implements PruningMethod {
    /** Of what activations and weights are measured by [D]. */
    enum Norm {
        /** {@code sum |x|}: what the derivation gives. */
        L1,
        /** {@code sqrt(sum x^2)}. */
        L2
    }

    /** How the MLP is taken to amplify a change in front of it. */
    enum Gain {
        /** {@code |W_up| |W_down|}, as published. */
        PLAIN,
        /** A bound of the gated MLP, with its norm in front [D]. */
        GATED
    }

    @Override
    public String name() {
        return "llm-bip";
    }

    @Override
    public Scoring scoring(MethodOptions options) {
        return Scoring.bySamples();
    }

    @Override
    public void check(ModelShape shape, PruningGoal goal, MethodOptions options) {
        if (norm(options) == Norm.L2 && gain(options) == Gain.GATED) {
            throw new IllegalArgumentException("method.ffnGain: gated is a bound in l1; with norm l2 the gain is one "
                    + "number for each block and changes no order, use plain");
        }
    }

    @Override
    public Statistics score(ScoringTask task) throws InterruptedException {
        Statistics statistics = new Statistics();
        boolean first = task.firstSample() == 0; // terms that are no sum over samples enter once
        new BlockWalk(task).run(last(task) + 1, statistics, (model, scope, weights, stream) -> {
            BlockSums sums = new BlockSums(model.config(), scope, weights, norm(task.options()),
                    gain(task.options()));
            stream.advance(weights, batch -> sums.hooks(() -> stream.activation(scope, batch)));
            String layer = "layer." + weights.layer();
            sums.samples().forEach((name, rows) -> rows
                    .forEach(row -> statistics.add(layer + "." + name, row)));
            if (first) {
                sums.weightTerms().forEach((name, term) -> statistics.add(layer + "." + name, term));
            }
        });
        statistics.add("tokens", Arrays.stream(task.samples()).mapToLong(sample -> sample.length).sum());
        return statistics;
    }

    /** Nothing behind the last layer that may lose units is of interest. */
    private static int last(ScoringTask task) {
        for (int layer = task.toLayer() - 1; layer >= 0; layer--) {
            if (task.layers().contains(UnitType.ATTENTION, layer) || task.layers().contains(UnitType.MLP, layer)) {
                return layer;
            }
        }
        return 0;
    }

    @Override
    public PruningPlan rank(RankingTask task) {
        UnitScores scores = scores(task);
        boolean global = task.options().text("ranking", "local").equals("global")
                && !task.goal().constraints().uniform() && !(task.goal().target() instanceof Target.Groups);
        if (global) {
            return new GlobalSelector(task.original(), Set.of(UnitType.ATTENTION, UnitType.MLP),
                    GlobalSelector.Key.BLOCK_MEAN, task.goal().layers(), task.goal().constraints())
                    .selectParameters(scores, task.goal().target().budget(task.original()));
        }
        LocalSelector local = LocalSelector.of(task.original(), task.goal());
        return local.select(scores, local.ratios(task.goal().target()));
    }

    @Override
    public UnitScores scores(RankingTask task) {
        ModelShape shape = task.original();
        UnitInventory inventory = new UnitInventory(shape);
        BlockScore score = new BlockScore(norm(task.options()), task.statistics());
        UnitScores scores = new UnitScores();
        for (UnitType type : List.of(UnitType.ATTENTION, UnitType.MLP)) {
            for (int layer = 0; layer < shape.layers().size(); layer++) {
                int units = inventory.count(type, layer);
                if (units > 0 && task.goal().layers().contains(type, layer)) {
                    scores.put(type, layer, Arrays64.fold(score.channels(type, layer), units));
                }
            }
        }
        return scores;
    }

    private static Norm norm(MethodOptions options) {
        return options.choice("norm", Norm.L1);
    }

    private static Gain gain(MethodOptions options) {
        return options.choice("ffnGain", Gain.PLAIN);
    }
}
