package io.espalier.pruning.method.numerical;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.GlobalSelector;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import io.espalier.pruning.plan.Target;
import io.espalier.pruning.plan.UnitScores;
import java.util.Arrays;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Which heads and channels of all layers go, Numerical Pruning (arXiv:2412.12441, eq. 8). A KV group's z is the mean over
 * all channels of its query heads [D: the paper is silent on grouped queries].
 *
 * <p>The paper has one list. A large lambda pins the mean of z to 1 - rho in every projection, and a head's z, a mean over
 * its channels, comes out close to that, while z of channels is skewed: a few are far below, most a little above. So a
 * threshold that takes its share of the channels lies above nearly all heads, or, with the paper's scale, below; which
 * heads are worth keeping hardly enters. By default each type therefore has a list of its own [D].
 */
record GlobalRanking(ModelShape shape, PruningGoal goal, HeadScale headScale, Budget budget, Penalty penalty) {
    private static final Set<UnitType> BOTH = Set.of(UnitType.ATTENTION, UnitType.MLP);

    /** How z of heads is made comparable with z of channels. */
    enum HeadScale {
        /**
         * {@code 4 Dh / 3}, eq. 8. It puts nearly every head above every channel, the opposite of the stated intent to
         * balance parameters.
         */
        PAPER,
        /** Importance for each parameter: a head's channel weighs {@code 2 (1 + 1/R) d}, an MLP channel 3 d [D]. */
        PER_PARAM,
        /** As it is. */
        NONE,
        /** Not at all: two lists of all layers, each losing the same share of its weights (or units) [D]. */
        SEPARATE;

        double factor(int headDim, int groupSize) {
            return switch (this) {
                case PAPER -> 4.0 * headDim / 3;
                case PER_PARAM -> 3 / (2 * (1 + 1.0 / groupSize));
                case NONE, SEPARATE -> 1;
            };
        }
    }

    /** What rho is a share of. */
    enum Budget {
        /** Weights of the units, so that a target in parameters is met [D]. */
        PARAMS,
        /** Heads and channels, each counting one, as printed: 0.5 of LLaMA-7B's units are some 32 % of its weights. */
        UNITS
    }

    /** In what units lambda is given. */
    enum LambdaScale {
        /**
         * The mean diagonal of each projection's own G: 1e6 of them pin the mean of z in every projection, so that layers
         * differ by the form of z alone [D].
         */
        PROJECTION,
        /**
         * The mean of these over all projections, one lambda for all as in the paper, which gives no value. A small one
         * lets z of projections that add little to the output fall below the others' [D].
         */
        MODEL
    }

    /** Weight of the penalty on the sum of z. */
    record Penalty(double lambda, LambdaScale scale) {
        static final Penalty PINNED = new Penalty(1e6, LambdaScale.PROJECTION);
    }

    /** The score of one layer's attention or MLP. */
    interface Scores {
        NewtonScore of(UnitType type, int layer);
    }

    PruningPlan plan(Scores scores) {
        UnitScores z = z(scores, rho());
        if (goal.constraints().uniform()) {
            LocalSelector local = LocalSelector.of(shape, goal);
            return local.select(z, local.ratios(goal.target()));
        }
        boolean inParameters = budget == Budget.PARAMS && !(goal.target() instanceof Target.Groups);
        Selection selection = new Selection(shape);
        if (headScale == HeadScale.SEPARATE) {
            list(Set.of(UnitType.ATTENTION)).selectUnits(selection, z, inParameters
                    ? groupsToRemove()
                    : (long) (rho() * units(UnitType.ATTENTION)));
        }
        Set<UnitType> types = headScale == HeadScale.SEPARATE ? Set.of(UnitType.MLP) : BOTH;
        if (inParameters) {
            list(types).selectParameters(selection, z, goal.target().budget(shape));
        } else {
            list(types).selectUnits(selection, z, (long) (rho() * types.stream().mapToLong(this::units).sum()));
        }
        return selection.toPlan();
    }

    private GlobalSelector list(Set<UnitType> types) {
        return new GlobalSelector(shape, types, GlobalSelector.Key.NONE, goal.layers(), goal.constraints());
    }

    /** Their share, whole groups, channels make up the rest; more only where all channels would not. */
    private long groupsToRemove() {
        long channelsAtMost = shape.parameters() - list(Set.of(UnitType.MLP)).least();
        long needed = shape.parameters() - goal.target().budget(shape);
        long cost = removable(UnitType.ATTENTION) / Math.max(1, units(UnitType.ATTENTION));
        long share = (long) (rho() * units(UnitType.ATTENTION));
        return cost == 0 ? 0 : Math.max(share, Math.ceilDiv(needed - channelsAtMost, cost));
    }

    /** Share to remove: of the units' weights, or of the units. */
    double rho() {
        if (goal.target() instanceof Target.Groups groups) {
            return groups.removed();
        }
        long removed = shape.parameters() - goal.target().budget(shape);
        long of = budget == Budget.PARAMS ? BOTH.stream().mapToLong(this::removable).sum() : shape.parameters();
        return Math.clamp((double) removed / of, 0, 1);
    }

    UnitScores z(Scores scores, double rho) {
        UnaryOperator<NewtonScore> scale = scale(scores);
        UnitScores z = new UnitScores();
        places().forEach(place -> {
            double[] channels = scale.apply(place.of(scores)).z(rho, penalty.lambda());
            z.put(place.type(), place.layer(), place.type() == UnitType.ATTENTION
                    ? groups(channels, place.layer())
                    : channels);
        });
        return z;
    }

    private UnaryOperator<NewtonScore> scale(Scores scores) {
        return switch (penalty.scale()) {
            case PROJECTION -> UnaryOperator.identity();
            case MODEL -> {
                double mean = places().mapToDouble(place -> place.of(scores).meanDiagonal()).average().orElse(0);
                yield score -> new NewtonScore(score.u(), mean);
            }
        };
    }

    private record Place(UnitType type, int layer) {
        NewtonScore of(Scores scores) {
            return scores.of(type, layer);
        }
    }

    private Stream<Place> places() {
        return IntStream.range(0, shape.layers().size()).boxed().flatMap(layer -> Stream.of(UnitType.ATTENTION,
                UnitType.MLP).filter(type -> eligible(type, layer)).map(type -> new Place(type, layer)));
    }

    private double[] groups(double[] z, int layer) {
        int groupSize = shape.layer(layer).groupSize();
        int width = groupSize * shape.headDim();
        double factor = headScale.factor(shape.headDim(), groupSize);
        return IntStream.range(0, shape.layer(layer).kvHeads())
                .mapToDouble(group -> factor
                        * Arrays.stream(z, group * width, (group + 1) * width).average().orElseThrow())
                .toArray();
    }

    private long removable(UnitType type) {
        return new UnitInventory(shape).units(type).stream()
                .filter(unit -> goal.layers().contains(type, unit.layer())).mapToLong(Unit::cost).sum();
    }

    private long units(UnitType type) {
        UnitInventory inventory = new UnitInventory(shape);
        return IntStream.range(0, shape.layers().size()).filter(layer -> eligible(type, layer))
                .mapToLong(layer -> inventory.count(type, layer)).sum();
    }

    private boolean eligible(UnitType type, int layer) {
        return goal.layers().contains(type, layer) && new UnitInventory(shape).count(type, layer) > 0;
    }
}
