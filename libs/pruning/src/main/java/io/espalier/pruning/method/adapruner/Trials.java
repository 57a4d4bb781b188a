package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.random.SerialRandom;
import io.espalier.pruning.method.tpe.Parameter;
import io.espalier.pruning.method.tpe.TreeParzenEstimator;
import io.espalier.pruning.method.tpe.Trial;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.UnitScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The trials of one search. Trials 0 and 1 are {@link Literal}; they and the blind ones, which need no history, make the
 * first round; then some a round, by the constant liar. How many is an option and not the number of workers, so that the
 * same seed leads to the same trials wherever they are measured.
 */
final class Trials {
    private static final int PARALLEL = 8;

    private final ModelShape shape;
    private final PruningGoal goal;
    private final Statistics statistics;
    private final Subsets subsets;
    private final List<Parameter> space;
    private final TreeParzenEstimator estimator;
    private final int total;
    private final int blind;
    private final int parallel;
    private final long seed;
    private final LocalSelector selector;
    private final LocalSelector.Ratios ratios;
    private final Blend blend;

    Trials(ModelShape shape, PruningGoal goal, MethodOptions options, Statistics statistics, long seed) {
        this.shape = shape;
        this.goal = goal;
        this.statistics = statistics;
        this.subsets = new Subsets((int) statistics.number("samples"), options.integer("subsetSize", 10),
                options.integer("subsets", 64), seed);
        this.space = Genome.space(subsets.count(), options.flag("searchReduction", false));
        this.blind = options.integer("startTrials", 10);
        this.estimator = new TreeParzenEstimator(space, blind, options.integer("candidates", 24));
        this.total = options.integer("trials", 100);
        this.parallel = options.integer("parallelTrials", PARALLEL);
        this.seed = seed;
        this.selector = LocalSelector.of(shape, goal);
        this.ratios = selector.ratios(goal.target());
        this.blend = new Blend(shape, goal.layers(), new PoolRows(statistics));
    }

    TrialState begin() {
        SerialRandom random = new SerialRandom(seed);
        List<double[]> points = new ArrayList<>();
        for (Literal literal : Literal.values()) {
            points.add(literal.point(space.size()));
        }
        while (points.size() < Math.min(blind, total)) {
            points.add(estimator.suggest(List.of(), random));
        }
        return new TrialState(random.state(), List.of(), points);
    }

    TrialState next(TrialState state, List<Double> measured) {
        if (measured.size() != state.pending().size()) {
            throw new IllegalArgumentException(measured.size() + " values for " + state.pending().size() + " trials");
        }
        List<Trial> trials = new ArrayList<>(state.trials());
        for (int i = 0; i < measured.size(); i++) {
            trials.add(new Trial(state.pending().get(i), measured.get(i)));
        }
        SerialRandom random = new SerialRandom(state.random());
        List<double[]> points = estimator.suggest(trials, Math.min(parallel, total - trials.size()), random);
        return new TrialState(random.state(), trials, points);
    }

    List<PruningPlan> candidates(TrialState state) {
        List<PruningPlan> plans = new ArrayList<>();
        for (int i = 0; i < state.pending().size(); i++) {
            plans.add(plan(state.trials().size() + i, state.pending().get(i)));
        }
        return plans;
    }

    /** The trial with the lowest value, the earliest of equals. */
    Trial best(TrialState state) {
        return state.trials().stream().min(Comparator.comparingDouble(Trial::value)).orElseThrow();
    }

    /** Its plan. */
    PruningPlan choice(TrialState state) {
        Trial best = best(state);
        return plan(state.trials().indexOf(best), best.point());
    }

    private PruningPlan plan(int trial, double[] point) {
        return selector.select(scores(trial, point), ratios);
    }

    private UnitScores scores(int trial, double[] point) {
        if (trial < Literal.values().length) {
            return Literal.values()[trial].scores(shape, goal.layers(), statistics);
        }
        Genome genome = Genome.of(point);
        return blend.scores(genome, subsets.get(genome.subset()));
    }
}
