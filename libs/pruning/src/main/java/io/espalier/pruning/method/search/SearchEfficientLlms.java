package io.espalier.pruning.method.search;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.BlockHooks.Site;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.IterativeMethod;
import io.espalier.pruning.method.JsonState;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Objective;
import io.espalier.pruning.method.Proposal;
import io.espalier.pruning.method.ProposalTask;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.RepairNeed;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.UpdateTask;
import io.espalier.pruning.method.repair.AdmmRepair;
import io.espalier.pruning.method.repair.ExactRepair;
import io.espalier.pruning.method.repair.Repair;
import io.espalier.pruning.method.repair.RepairedBlocks;
import io.espalier.pruning.method.stream.BlockWalk;
import io.espalier.pruning.method.stream.Grams;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.surgery.WeightUpdate;
import java.util.EnumSet;
import java.util.Optional;

/**
 * Search for Efficient Large Language Models (arXiv:2409.17372): an evolution over masks and depth that starts from the
 * most important dimensions and is judged by perplexity, then reformation of the output projections. Whole KV groups
 * instead of dimensions inside heads, the exact reformation, and the samples of the initial scores, which are those of the
 * reformation, are ours [D].
 *
 * <p>As with {@link io.espalier.pruning.method.numerical.NumericalPruning}, tasks of scoring take layers: a Gram matrix is
 * reduced where it was summed.
 */
public final class SearchEfficientLlms implements IterativeMethod {
    @Override
    public String name() {
        return "search";
    }

    @Override
    public Scoring scoring(MethodOptions options) {
        return Scoring.byLayers();
    }

    @Override
    public Objective objective() {
        return Objective.PERPLEXITY;
    }

    @Override
    public int measuredSequences(MethodOptions options) {
        return options.integer("segments", 5);
    }

    @Override
    public void check(ModelShape shape, PruningGoal goal, MethodOptions options) {
        SearchOptions read = new SearchOptions(options);
        read.evolution();
        read.space(shape, goal);
        if (read.insideHeads() && shape.extras().headNorms() > 0) {
            throw new IllegalArgumentException("method.attention: head-dims does not go with models that normalise "
                    + "queries and keys over whole heads; use kv-groups");
        }
    }

    @Override
    public boolean keepsWholeHeads(MethodOptions options) {
        return !new SearchOptions(options).insideHeads();
    }

    /** With what solving for the inverse's diagonal takes, panel by panel. */
    @Override
    public int blockCopies(MethodOptions options) {
        return 3;
    }

    @Override
    public long workBytes(ModelConfig config, MethodOptions options) {
        return Grams.bytes(config, EnumSet.allOf(Site.class));
    }

    @Override
    public Statistics score(ScoringTask task) throws InterruptedException {
        if (new SearchOptions(task.options()).insideHeads()) {
            checkRotary(ModelConfig.read(task.model()));
        }
        Statistics statistics = new Statistics();
        new BlockWalk(task).run(task.toLayer(), statistics, (model, scope, weights, stream) -> {
            int layer = weights.layer();
            Grams grams = new Grams(scope, DimensionScores.sites(weights));
            stream.advance(weights, _ -> layer < task.fromLayer()
                    ? BlockHooks.NONE
                    : grams);
            if (layer >= task.fromLayer()) {
                var scores = new DimensionScores(weights, grams, model.config().headDim());
                if (weights.shape().kvHeads() > 0 && task.layers().contains(UnitType.ATTENTION, layer)) {
                    statistics.add(InitialSubnet.attention(layer), scores.attention());
                }
                if (weights.shape().channels() > 0 && task.layers().contains(UnitType.MLP, layer)) {
                    statistics.add(InitialSubnet.channels(layer), scores.channels());
                }
            }
        });
        return statistics;
    }

    private static void checkRotary(ModelConfig config) {
        if (config.rope().interleaved() || config.rope().rotaryDim() != config.headDim()) {
            throw new IllegalArgumentException(
                    "method.attention: head-dims needs rotary pairs (i, i + Dh/2) over all of "
                            + "a head, which this model does not have; use kv-groups");
        }
    }

    @Override
    public PruningPlan rank(RankingTask task) {
        throw new IllegalStateException("the search decides by measured candidates");
    }

    @Override
    public Proposal propose(ProposalTask task) {
        SearchOptions options = new SearchOptions(task.options());
        SearchSpace space = options.space(task.original(), task.goal());
        Evolution evolution = new Evolution(space, options.evolution());
        Evolution.State state = task.isFirst()
                ? evolution.begin(new InitialSubnet(space, Statistics.merge(task.statistics())).create(), task.seed())
                : evolution.next(JsonState.read(task.state(), Evolution.State.class), task.measured());
        double best = state.best().isEmpty() ? Double.NaN : state.best().getFirst().value();
        return state.isDone()
                ? Proposal.done(JsonState.write(state), space.plan(state.best().getFirst().genome()), best)
                : Proposal.goOn(JsonState.write(state), state.pending().stream().map(space::plan).toList(), best);
    }

    @Override
    public WeightUpdate update(UpdateTask task) throws InterruptedException {
        return RepairedBlocks.open(task, reformation(task.options()));
    }

    @Override
    public Optional<RepairNeed> repair(ModelConfig config, MethodOptions options) {
        return reformation(options)
                .map(repair -> new RepairNeed(RepairedBlocks.bytes(config, repair, keepsWholeHeads(options)),
                        "method.reformation: none"));
    }

    private static Optional<Repair> reformation(MethodOptions options) {
        double damping = options.number("damping", 0.01);
        return switch (options.text("reformation", "exact")) {
            case "none" -> Optional.empty();
            case "admm" -> Optional.of(new AdmmRepair(options.number("rho", 1), options.integer("iterations", 30),
                    damping));
            default -> Optional.of(new ExactRepair(damping));
        };
    }
}
