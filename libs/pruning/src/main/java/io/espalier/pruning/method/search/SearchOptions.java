package io.espalier.pruning.method.search;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.Target;

/** From a request's options to the evolution's numbers and its space; defaults are the paper's where it gives one. */
record SearchOptions(MethodOptions options) {
    private static final double ATTENTION_STEP = 0.01;
    private static final double MLP_STEP = 0.05;

    /**
     * A row of the paper's table 1: the least share kept of head dimensions, channels and layers. For 70 % it prints 0.3
     * for heads, which stands out from its column; 0.7 is taken to be meant [D].
     */
    private record Row(double keptFrom, double attention, double mlp, double depth) {}

    private static final Row[] TABLE = {new Row(0.85, 0.9, 0.6, 1), new Row(0.75, 0.8, 0.4, 1),
        new Row(0.65, 0.7, 0.2, 30 / 32.0), new Row(0, 0.6, 0.1, 28 / 32.0)};

    EvolutionOptions evolution() {
        return new EvolutionOptions(options.integer("population", 100), options.integer("mutants", 50),
                options.integer("crossovers", 30), options.integer("survivors", 10),
                options.integer("generations", 50), options.number("initialMaskProbability", 0.6),
                options.number("initialRatioProbability", 0.3), options.number("maskProbability", 0.3),
                options.number("ratioProbability", 0.1), options.number("depthProbability", 0.1),
                options.number("keepShare", 0.8), options.integer("tries", 1000),
                options.choice("maskMutation", MaskMutation.CONSTRUCTIVE));
    }

    boolean insideHeads() {
        return options.text("attention", "kv-groups").equals("head-dims");
    }

    /** From {@code tolerance} below the target up to it [D]: never larger than asked for. */
    SearchSpace space(ModelShape shape, PruningGoal goal) {
        long most = most(shape, goal);
        double kept = (double) most / shape.parameters();
        Row row = row(kept);
        int layers = shape.layers().size();
        RatioRange attention = new RatioRange(options.number("headRatio", row.attention()), 1, ATTENTION_STEP);
        RatioRange mlp = new RatioRange(options.number("mlpRatio", row.mlp()), 1, MLP_STEP);
        int minDepth = options.integer("minLayers", (int) Math.ceil(row.depth() * layers));
        return new SearchSpace(shape, goal.layers(), goal.constraints(), insideHeads(), attention, mlp,
                Math.min(minDepth, layers), options.text("depthMutation", "tail").equals("any"),
                (long) Math.ceil(most * (1 - options.number("tolerance", 0.01))), most);
    }

    private static long most(ModelShape shape, PruningGoal goal) {
        if (goal.target() instanceof Target.Groups) {
            LocalSelector local = LocalSelector.of(shape, goal);
            return local.parameters(local.ratios(goal.target()));
        }
        return goal.target().budget(shape);
    }

    private static Row row(double kept) {
        for (Row row : TABLE) {
            if (kept >= row.keptFrom()) {
                return row;
            }
        }
        throw new IllegalArgumentException("target: a share of " + kept + " cannot be kept");
    }
}
