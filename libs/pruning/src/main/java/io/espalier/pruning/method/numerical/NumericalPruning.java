package io.espalier.pruning.method.numerical;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockHooks.Site;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.RepairNeed;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.UpdateTask;
import io.espalier.pruning.method.numerical.GlobalRanking.Budget;
import io.espalier.pruning.method.numerical.GlobalRanking.HeadScale;
import io.espalier.pruning.method.numerical.GlobalRanking.Penalty;
import io.espalier.pruning.method.algebra.RowBlocks;
import io.espalier.pruning.method.repair.ExactRepair;
import io.espalier.pruning.method.repair.Repair;
import io.espalier.pruning.method.repair.RepairedBlocks;
import io.espalier.pruning.method.stream.BlockWalk;
import io.espalier.pruning.method.stream.Grams;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.UnitScores;
import io.espalier.pruning.surgery.WeightUpdate;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Numerical Pruning for Efficient Autoregressive Models (arXiv:2412.12441): Newton scores of the output projections from
 * one dense pass, global lists, then least-squares compensation of what stays.
 *
 * <p>Gram matrices add up over samples exactly, but a layer's is as large as its channels squared, while what a plan
 * needs of it is one number a channel. So tasks take layers, not samples: each passes all samples through the blocks up
 * to its own and reduces their Gram matrices on the spot.
 */
public final class NumericalPruning implements PruningMethod {
    @Override
    public String name() {
        return "numerical";
    }

    @Override
    public Scoring scoring(MethodOptions options) {
        return Scoring.byLayers();
    }

    /** The Gram matrices of both projections, a factor of the larger, and its weight in fp64 with what is made of it. */
    @Override
    public long workBytes(ModelConfig config, MethodOptions options) {
        return Grams.bytes(config, Set.of(Site.O_INPUT, Site.DOWN_INPUT));
    }

    @Override
    public Statistics score(ScoringTask task) throws InterruptedException {
        double jitter = task.options().number("jitter", 1e-6);
        Statistics statistics = new Statistics();
        new BlockWalk(task).run(task.toLayer(), statistics, (_, scope, weights, stream) -> {
            Set<Site> sites = sites(task, weights);
            Grams grams = new Grams(scope, sites);
            stream.advance(weights, _ -> grams);
            Torch.trim(); // the factor's panels do not fit the gaps that the pass has left
            for (Site site : sites) {
                UnitType type = site == Site.O_INPUT ? UnitType.ATTENTION : UnitType.MLP;
                NDArray weight = weights.get(site == Site.O_INPUT ? Role.O : Role.DOWN);
                NewtonScore score = NewtonScore.of(hadamard(grams.get(site), weight), jitter);
                statistics.add(name(type, weights.layer(), "u"), score.u());
                statistics.add(name(type, weights.layer(), "diagonal"), score.meanDiagonal());
            }
        });
        return statistics;
    }

    private static Set<Site> sites(ScoringTask task, BlockWeights weights) {
        int layer = weights.layer();
        Set<Site> sites = EnumSet.noneOf(Site.class);
        if (layer >= task.fromLayer() && layer < task.toLayer()) {
            if (task.layers().contains(UnitType.ATTENTION, layer) && weights.has(Role.O)) {
                sites.add(Site.O_INPUT);
            }
            if (task.layers().contains(UnitType.MLP, layer) && weights.has(Role.DOWN)) {
                sites.add(Site.DOWN_INPUT);
            }
        }
        return sites;
    }

    /**
     * Makes {@code G = (W W^T) o (X^T X)} of the Gram {@code X^T X}, some rows at a time; W with channels as rows is the
     * stored weight [out, channels] transposed.
     */
    private static NDArray hadamard(NDArray gram, NDArray weight) {
        try (NDManager inner = gram.getManager().newSubManager()) {
            NDArray wide = weight.toType(DataType.FLOAT64, true);
            wide.attach(inner);
            RowBlocks.forEach(gram, (step, from, to, rows) -> {
                NDArray columns = wide.get(new NDIndex(":, {}:{}", from, to));
                columns.attach(step);
                rows.muli(columns.transpose().matMul(wide));
            });
        }
        return gram;
    }

    @Override
    public PruningPlan rank(RankingTask task) {
        return ranking(task).plan((type, layer) -> score(task.statistics(), type, layer));
    }

    @Override
    public UnitScores scores(RankingTask task) {
        GlobalRanking ranking = ranking(task);
        return ranking.z((type, layer) -> score(task.statistics(), type, layer), ranking.rho());
    }

    private static GlobalRanking ranking(RankingTask task) {
        MethodOptions options = task.options();
        return new GlobalRanking(task.original(), task.goal(), options.choice("headScale", HeadScale.SEPARATE),
                options.choice("budget", Budget.PARAMS),
                new Penalty(options.number("lambda", Penalty.PINNED.lambda()),
                        options.choice("lambdaScale", Penalty.PINNED.scale())));
    }

    static NewtonScore score(Statistics statistics, UnitType type, int layer) {
        return new NewtonScore(statistics.get(name(type, layer, "u")),
                statistics.number(name(type, layer, "diagonal")));
    }

    @Override
    public WeightUpdate update(UpdateTask task) throws InterruptedException {
        return RepairedBlocks.open(task, compensation(task.options()));
    }

    @Override
    public Optional<RepairNeed> repair(ModelConfig config, MethodOptions options) {
        return compensation(options).map(repair -> new RepairNeed(RepairedBlocks.bytes(config, repair, true),
                "method.compensation: none"));
    }

    private static Optional<Repair> compensation(MethodOptions options) {
        return options.text("compensation", "exact").equals("exact")
                ? Optional.of(new ExactRepair(options.number("damping", 0.01)))
                : Optional.empty();
    }

    private static String name(UnitType type, int layer, String what) {
        return "layer." + layer + (type == UnitType.ATTENTION ? ".attention." : ".mlp.") + what;
    }
}
