package io.espalier.pruning.method.llmpruner;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.Model;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Criterion;
import io.espalier.pruning.importance.GqaFold;
import io.espalier.pruning.importance.GradientScoring;
import io.espalier.pruning.importance.GroupImportance;
import io.espalier.pruning.importance.MemberStatistics;
import io.espalier.pruning.importance.RandomImportance;
import io.espalier.pruning.importance.Reduction;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.importance.WeightScoring;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.plan.DepthSelector;
import io.espalier.pruning.plan.GlobalSelector;
import io.espalier.pruning.plan.GlobalSelector.Key;
import io.espalier.pruning.plan.HiddenSelector;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * LLM-Pruner's procedure (arXiv:2305.11627) with all its choices open; the magnitude and random baselines are special
 * cases of it.
 *
 * @param keepLayers for {@link Mode#LAYER_WISE}; 0 lets the target decide
 * @param ranges     of layers that are scored side by side, for criteria whose samples belong together; 1 for none
 */
record GroupPruning(Criterion criterion, Reduction reduction, RankingScope ranking, Mode mode, GqaFold fold,
        int keepLayers, int steps, int ranges) {
    private static final Set<UnitType> BLOCK_UNITS = EnumSet.of(UnitType.ATTENTION, UnitType.MLP);

    /** Which structures go. */
    enum Mode {
        /** KV groups and MLP channels. */
        BLOCK_WISE,
        /** Dimensions of the residual stream. */
        CHANNEL_WISE,
        /** The last blocks. */
        LAYER_WISE
    }

    /** Which units are compared with each other. */
    enum RankingScope {
        /** Those of one layer and type. */
        LOCAL,
        /** All in range. */
        GLOBAL
    }

    Scoring scoring() {
        if (mode == Mode.LAYER_WISE) {
            return Scoring.ofWeights();
        }
        if (!criterion.needsGradients()) {
            return Scoring.ofWeights().withSteps(steps);
        }
        return spread().withSteps(steps);
    }

    private Scoring spread() {
        if (criterion.addsOverSamples()) {
            return Scoring.bySamples();
        }
        return ranges > 1
                ? Scoring.byRanges(ranges)
                : Scoring
                        .whole("criterion " + criterion.label() + " takes the absolute value of a sum over all samples "
                                + "for every weight: parts of that sum do not add up");
    }

    void check(ModelShape shape, PruningGoal goal) {
        if (goal.constraints().uniform() && ranking == RankingScope.GLOBAL && mode == Mode.BLOCK_WISE) {
            throw new IllegalArgumentException(
                    "shape.uniform: true cannot be met with method.ranking: global; use local");
        }
        if (mode == Mode.CHANNEL_WISE && (criterion == Criterion.PARAM_SECOND || criterion == Criterion.PARAM_MIX)) {
            throw new IllegalArgumentException("method.criterion: " + criterion.label() + " needs the gradient of each "
                    + "sample, which method.mode: channel-wise does not take; use param_first or vectorize");
        }
        PruningMethod.checkRanges(ranges, shape);
        if (keepLayers > shape.layers().size()) {
            throw new IllegalArgumentException("method.keepLayers: " + keepLayers + ", but the model has "
                    + shape.layers().size() + " layers");
        }
        predictedParameters(shape, goal);
    }

    long predictedParameters(ModelShape shape, PruningGoal goal) {
        return switch (mode) {
            case BLOCK_WISE -> {
                LocalSelector local = LocalSelector.of(shape, goal);
                yield local.parameters(local.ratios(goal.target()));
            }
            case CHANNEL_WISE -> shape.withHiddenSize(new HiddenSelector(shape, shape).kept(goal.target()))
                    .parameters();
            case LAYER_WISE -> depth(shape, goal).achieved().parameters();
        };
    }

    int blockCopies() {
        return switch (criterion) {
            case L1, L2, RANDOM -> 1;
            case VECTORIZE, PARAM_FIRST -> 2; // and gradients
            case PARAM_SECOND -> 3; // and their squares
            case PARAM_MIX -> 5; // and the sums of both, and room for adding to them
        };
    }

    /** Channel-wise, a piece of lm_head has a gradient, and so has what a micro-batch adds to it. */
    long workBytes(ModelConfig config) {
        return mode == Mode.CHANNEL_WISE && criterion.needsGradients() ? 2 * MemoryPlan.headPieceBytes(config) : 0;
    }

    Statistics score(ScoringTask task) throws InterruptedException {
        if (mode == Mode.LAYER_WISE || criterion == Criterion.RANDOM) {
            return new Statistics(); // ranked without looking
        }
        MemberStatistics wanted = mode == Mode.BLOCK_WISE
                ? MemberStatistics.blockWise(task.layers())
                : MemberStatistics.channelWise(ModelConfig.read(task.model()).layers().size());
        if (criterion.needsGradients()) {
            return new GradientScoring(criterion, wanted).run(task);
        }
        try (Model model = task.compute().open(task.model())) {
            return new WeightScoring(model, criterion, wanted).run(task.fromLayer(), task.toLayer(), task.progress());
        }
    }

    PruningPlan rank(RankingTask task) {
        PruningPlan plan = switch (mode) {
            case BLOCK_WISE -> ranking == RankingScope.LOCAL ? local(task) : global(task);
            case CHANNEL_WISE -> hidden(task);
            case LAYER_WISE -> depth(task.original(), task.goal());
        };
        return task.previous() == null ? plan : plan.after(task.previous(), task.original());
    }

    /** Null where whole blocks or dimensions of the residual stream go. */
    UnitScores scores(RankingTask task) {
        return mode == Mode.BLOCK_WISE ? blockScores(task) : null;
    }

    private PruningPlan local(RankingTask task) {
        PruningGoal goal = task.goal();
        var selector = new LocalSelector(task.original(), task.scored(), goal.layers(), goal.constraints());
        return selector.select(blockScores(task), selector.ratios(goal.target()).after(task.step(), task.steps()));
    }

    private PruningPlan global(RankingTask task) {
        PruningGoal goal = task.goal();
        var selector = new GlobalSelector(task.scored(), BLOCK_UNITS, Key.NONE, goal.layers(), goal.constraints());
        if (goal.target() instanceof Target.Groups groups) {
            double ratio = groups.removed() * task.step() / task.steps();
            long excess = units(task.scored(), goal) - (long) (units(task.original(), goal) * (1 - ratio));
            Selection selection = new Selection(task.scored());
            selector.selectUnits(selection, blockScores(task), excess);
            return selection.toPlan();
        }
        long all = task.original().parameters();
        long budget = all - (all - goal.target().budget(task.original())) * task.step() / task.steps();
        return selector.selectParameters(blockScores(task), budget);
    }

    private PruningPlan hidden(RankingTask task) {
        var selector = new HiddenSelector(task.original(), task.scored());
        UnitScores scores = criterion == Criterion.RANDOM
                ? noise(task).channelWise(task.scored())
                : importance().channelWise(task.scored(), task.statistics());
        return selector.select(scores, selector.kept(task.goal().target(), task.step(), task.steps()));
    }

    private PruningPlan depth(ModelShape shape, PruningGoal goal) {
        var selector = new DepthSelector(shape);
        return selector.select(keepLayers > 0 ? keepLayers : selector.kept(goal.target()));
    }

    private UnitScores blockScores(RankingTask task) {
        return criterion == Criterion.RANDOM
                ? noise(task).blockWise(task.scored(), task.goal().layers())
                : importance().blockWise(task.scored(), task.goal().layers(), task.statistics());
    }

    private GroupImportance importance() {
        return new GroupImportance(criterion, reduction, fold);
    }

    private static RandomImportance noise(RankingTask task) {
        return new RandomImportance(task.seed() + task.step() - 1);
    }

    private static long units(ModelShape shape, PruningGoal goal) {
        return IntStream.range(0, shape.layers().size())
                .mapToLong(layer -> (goal.layers().contains(UnitType.ATTENTION, layer)
                        ? shape.layer(layer).kvHeads()
                        : 0) + (goal.layers().contains(UnitType.MLP, layer) ? shape.layer(layer).channels() : 0))
                .sum();
    }
}
