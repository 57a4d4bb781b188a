package io.espalier.pruning.method.nirvana;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.Gradients;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.GradientPass;
import io.espalier.pruning.method.IterativeMethod;
import io.espalier.pruning.method.JsonState;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Objective;
import io.espalier.pruning.method.PassProgress;
import io.espalier.pruning.method.Proposal;
import io.espalier.pruning.method.ProposalTask;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.ScoringVisitor;
import io.espalier.pruning.method.stream.Arrays64;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.UnitScores;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * NIRVANA (arXiv:2509.14230, from the released code): saliency {@code |w df/dw|} of {@link MaxLogit}, counts of
 * {@link Allocation}, and among several calibration sets the one whose pruned model stays closest to the original on a
 * probe, by Kullback-Leibler divergence.
 *
 * <p>How many sets there are, and gamma where none is given, is ours [D].
 *
 * <p>The absolute value comes after the sum over samples, so a set is scored whole, or in ranges of layers; sets are
 * independent tasks.
 */
public final class Nirvana implements IterativeMethod {
    @Override
    public String name() {
        return "nirvana";
    }

    @Override
    public Scoring scoring(MethodOptions options) {
        if (isMagnitude(options)) {
            return Scoring.ofWeights();
        }
        int sets = options.integer("sets", 16);
        if (options.integer("layerRanges", 1) > 1) {
            return Scoring.byRanges(options.integer("layerRanges"));
        }
        Scoring scoring = Scoring.whole("NIRVANA takes the absolute value of a gradient summed over all samples")
                .withSets(sets);
        return sets == 1
                ? scoring
                : scoring.withProbe(options.integer("probeSamples", 128), options.integer("probeLength", 64));
    }

    /** With gradients, and products of the largest weight in fp32 and fp64, and what the allocator keeps of them. */
    @Override
    public int blockCopies(MethodOptions options) {
        return isMagnitude(options) ? 2 : 4;
    }

    @Override
    public void check(ModelShape shape, PruningGoal goal, MethodOptions options) {
        PruningMethod.checkRanges(options.integer("layerRanges", 1), shape);
    }

    @Override
    public Objective objective() {
        return Objective.KL_DIVERGENCE;
    }

    @Override
    public int measuredSequences(MethodOptions options) {
        return options.integer("probeSamples", 128);
    }

    @Override
    public Statistics score(ScoringTask task) throws InterruptedException {
        if (isMagnitude(task.options())) {
            return magnitudes(task);
        }
        MicroBatches tokens = MicroBatches.of(task.samples(), task.microBatch());
        var objective = new MaxLogit(ModelConfig.read(task.model()).vocabularySize());
        return new GradientPass(tokens, objective, Gradients.BATCH).run(task, Saliency::new);
    }

    private static Statistics magnitudes(ScoringTask task) throws InterruptedException {
        Statistics statistics = new Statistics();
        try (Model model = task.compute().open(task.model())) {
            for (int layer = task.fromLayer(); layer < task.toLayer(); layer++) {
                try (NDManager scope = model.newScope()) {
                    BlockWeights weights = model.block(scope, layer);
                    add(statistics, task, model, weights, weights.map(_ -> null));
                }
                model.release(layer);
                task.progress().at((layer + 1.0 - task.fromLayer()) / (task.toLayer() - task.fromLayer()), null);
            }
        }
        return statistics;
    }

    /** Reduces each block's gradient as it comes by. */
    private record Saliency(Model model, ScoringTask task, PassProgress progress, Statistics statistics)
            implements
                ScoringVisitor {
        @Override
        public boolean wants(int layer) {
            return mayLose(layer) && task.covers(layer);
        }

        @Override
        public boolean reaches(int layer) {
            return task.pipeline() == null ? wants(layer) : mayLose(layer);
        }

        private boolean mayLose(int layer) {
            return task.layers().contains(UnitType.ATTENTION, layer) || task.layers().contains(UnitType.MLP, layer);
        }

        @Override
        public void block(int layer, BlockWeights weights, BlockWeights gradients) {
            add(statistics, task, model, weights, gradients);
        }
    }

    /** Sums of {@code |w g|}, or of {@code |w|} where there is no gradient, over the rows and columns of units. */
    private static void add(Statistics statistics, ScoringTask task, Model model, BlockWeights weights,
            BlockWeights gradients) {
        int layer = weights.layer();
        LayerShape shape = weights.shape();
        Map<UnitType, List<Role>> members = Map.of(UnitType.ATTENTION, List.of(Role.Q, Role.K, Role.V, Role.O),
                UnitType.MLP, List.of(Role.GATE, Role.UP, Role.DOWN));
        new TreeMap<>(members).forEach((type, roles) -> {
            int units = type == UnitType.ATTENTION ? shape.kvHeads() : shape.channels();
            if (units > 0 && task.layers().contains(type, layer)) {
                double[] score = new double[units];
                for (Role role : roles) {
                    double[] folded = Arrays64.fold(sums(model, role, weights, gradients), units);
                    IntStream.range(0, units).forEach(unit -> score[unit] += folded[unit]);
                }
                statistics.add(name(type, layer), score);
            }
        });
    }

    /** Of one member's rows or columns. */
    private static double[] sums(Model model, Role role, BlockWeights weights, BlockWeights gradients) {
        try (NDManager scope = model.newScope()) {
            NDArray weight = weights.get(role).stopGradient();
            weight.attach(scope);
            NDArray gradient = gradients.find(role);
            NDArray saliency = gradient == null ? weight.abs() : weight.mul(gradient).abs();
            return role == Role.O || role == Role.DOWN ? Arrays64.columnSums(saliency) : Arrays64.rowSums(saliency);
        }
    }

    @Override
    public PruningPlan rank(RankingTask task) {
        return plan(task.original(), task.goal(), task.options(), task.statistics());
    }

    /**
     * @param values of the candidates; empty until they are measured
     */
    private record State(List<Double> values) {}

    /** One candidate for each calibration set; the closest wins, the earlier of equals. */
    @Override
    public Proposal propose(ProposalTask task) {
        if (isMagnitude(task.options())) { // no samples, so nothing to choose from
            PruningPlan only = plan(task.original(), task.goal(), task.options(),
                    Statistics.merge(task.statistics()));
            return Proposal.done(JsonState.write(new State(List.of())), only, Double.NaN);
        }
        List<PruningPlan> plans = task.statistics().stream()
                .map(statistics -> plan(task.original(), task.goal(), task.options(), statistics)).toList();
        if (task.isFirst()) {
            return Proposal.goOn(JsonState.write(new State(List.of())), plans, Double.NaN);
        }
        List<Double> values = task.measured();
        if (values.size() != plans.size()) {
            throw new IllegalArgumentException(values.size() + " values for " + plans.size() + " calibration sets");
        }
        double best = Collections.min(values);
        JsonNode state = JsonState.write(new State(values));
        return Proposal.done(state, plans.get(values.indexOf(best)), best);
    }

    private static PruningPlan plan(ModelShape shape, PruningGoal goal, MethodOptions options,
            Statistics statistics) {
        double gamma = options.has("gamma") ? options.number("gamma") : Double.NaN;
        return new GlobalCounts(shape, goal, gamma).plan(scores(shape, goal, statistics));
    }

    @Override
    public UnitScores scores(RankingTask task) {
        return scores(task.original(), task.goal(), task.statistics());
    }

    private static UnitScores scores(ModelShape shape, PruningGoal goal, Statistics statistics) {
        UnitScores scores = new UnitScores();
        UnitInventory inventory = new UnitInventory(shape);
        for (UnitType type : List.of(UnitType.ATTENTION, UnitType.MLP)) {
            for (int layer = 0; layer < shape.layers().size(); layer++) {
                if (goal.layers().contains(type, layer) && inventory.count(type, layer) > 0) {
                    scores.put(type, layer, statistics.get(name(type, layer)));
                }
            }
        }
        return scores;
    }

    private static boolean isMagnitude(MethodOptions options) {
        return options.text("saliency", "ntk").equals("magnitude");
    }

    private static String name(UnitType type, int layer) {
        return "layer." + layer + (type == UnitType.ATTENTION ? ".attention" : ".mlp") + ".saliency";
    }
}
