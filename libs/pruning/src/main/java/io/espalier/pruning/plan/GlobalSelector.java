package io.espalier.pruning.plan;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Ranks the units of all layers in one list and removes from its low end until the budget is spent [D].
 *
 * <p>Two budgets: parameters, so that what is asked for is what comes out; or units, each counting one, as LLM-Pruner's
 * {@code --global_pruning} and NIRVANA do (call once for each type for NIRVANA's separate lists). Where a threshold
 * would empty a layer's attention or MLP, LLM-Pruner's own code skips that module altogether and misses its target; here
 * the best units up to the minimum stay, and the list goes on.
 *
 * <p>Mind that scores of KV groups sum many more weights than scores of channels: in one list with the plain key
 * attention is hardly ever pruned. {@link Key#BLOCK_MEAN} is the remedy.
 *
 * <p>Order of equal keys: layer, type, index. {@code O(n log n)}, the same result on every worker.
 *
 * @param types which units take part
 */
public record GlobalSelector(ModelShape shape, Set<UnitType> types, Key key, LayerRanges layers,
        Constraints constraints) {
    /** What is compared in the list. */
    public enum Key {
        /** The score itself. */
        NONE,
        /** Score per weight. */
        PER_PARAM,
        /** Score divided by the mean score of its layer and type. */
        BLOCK_MEAN
    }

    public GlobalSelector {
        types = Set.copyOf(types);
    }

    /**
     * Removes units until at most {@code budget} parameters are left. A KV group is a big step, and so is the last
     * bundle of channels: what they removed too much is given back in channels, as many as the target allows.
     */
    public PruningPlan selectParameters(UnitScores scores, long budget) {
        Selection selection = new Selection(shape);
        selectParameters(selection, scores, budget);
        return selection.toPlan();
    }

    /** @param selection what earlier calls have left of units of other types; changed */
    public void selectParameters(Selection selection, UnitScores scores, long budget) {
        Unreachable.check(budget, least() - selection.removedCost());
        long needed = shape.parameters() - budget;
        remove(selection, scores, needed - selection.removedCost(), Unit::cost);
        giveBack(selection, ranking(scores), needed);
    }

    private void giveBack(Selection selection, Ranking ranking, long needed) {
        if (!types.contains(UnitType.MLP)) {
            return;
        }
        Map<Integer, List<Unit>> best = candidates()
                .filter(unit -> unit.type() == UnitType.MLP && !selection.isKept(unit)).sorted(ranking.reversed())
                .collect(Collectors.groupingBy(Unit::layer, TreeMap::new, Collectors.toCollection(ArrayList::new)));
        Optional<List<Unit>> next = mostMissed(selection, best, ranking, needed);
        while (next.isPresent()) {
            List<Unit> bundle = List.copyOf(next.get());
            bundle.forEach(selection::restore);
            next.get().clear(); // a view of its layer's list
            next = mostMissed(selection, best, ranking, needed);
        }
    }

    /** Of the channels that each layer would get back next, up to a legal width, those with the best mean that fit. */
    private Optional<List<Unit>> mostMissed(Selection selection, Map<Integer, List<Unit>> best, Ranking ranking,
            long needed) {
        return best.values().stream()
                .map(units -> units.subList(0, Math.min(constraints.channelMultiple(), units.size())))
                .filter(bundle -> !bundle.isEmpty() && selection.removedCost() - cost(bundle) >= needed)
                .max(Comparator.comparingDouble(ranking::mean)); // of equals the first
    }

    private static long cost(List<Unit> units) {
        return units.stream().mapToLong(Unit::cost).sum();
    }

    /**
     * Removes a number of units, as far as the minimum widths allow.
     *
     * @param selection what earlier calls have left; changed
     */
    public void selectUnits(Selection selection, UnitScores scores, long units) {
        remove(selection, scores, units, _ -> 1);
    }

    private void remove(Selection selection, UnitScores scores, long budget, ToLongFunction<Unit> price) {
        Ranking ranking = ranking(scores);
        List<Unit> order = candidates().sorted(ranking).toList();
        long spent = 0;
        for (Unit unit : order) {
            if (spent >= budget) {
                break;
            }
            if (selection.isKept(unit) && selection.count(unit.type(), unit.layer()) > minimum(unit)) {
                selection.remove(unit);
                spent += price.applyAsLong(unit);
            }
        }
        if (types.contains(UnitType.MLP) && constraints.channelMultiple() > 1) {
            align(selection, order, ranking, budget, price);
        }
    }

    /** Gives the best removed channels back until widths are legal, then removes whole bundles in their stead. */
    private void align(Selection selection, List<Unit> order, Ranking ranking, long budget,
            ToLongFunction<Unit> price) {
        long spent = order.stream().filter(unit -> !selection.isKept(unit)).mapToLong(price).sum();
        for (Unit unit : order.reversed()) {
            int kept = unit.type() == UnitType.MLP ? selection.count(UnitType.MLP, unit.layer()) : 0;
            if (kept < constraints.aligned(unit.type(), kept, all(unit)) && !selection.isKept(unit)) {
                selection.restore(unit);
                spent -= price.applyAsLong(unit);
            }
        }
        while (spent < budget) {
            Optional<List<Unit>> bundle = cheapestBundle(selection, order, ranking);
            if (bundle.isEmpty()) {
                return; // nothing legal is left to remove; the plan says what was achieved
            }
            for (Unit unit : bundle.get()) {
                selection.remove(unit);
                spent += price.applyAsLong(unit);
            }
        }
    }

    private Optional<List<Unit>> cheapestBundle(Selection selection, List<Unit> order, Ranking ranking) {
        return IntStream.range(0, shape.layers().size()).mapToObj(layer -> bundle(selection, order, layer))
                .filter(units -> !units.isEmpty())
                .min(Comparator.comparingDouble(ranking::mean));
    }

    /** The channels that a layer would lose next: as many as lead to the next legal width, or none. */
    private List<Unit> bundle(Selection selection, List<Unit> order, int layer) {
        int kept = selection.count(UnitType.MLP, layer);
        int next = (kept - 1) / constraints.channelMultiple() * constraints.channelMultiple();
        if (next < constraints.minimum(UnitType.MLP, shape.layer(layer).channels())) {
            return List.of();
        }
        return order.stream().filter(
                unit -> unit.type() == UnitType.MLP && unit.layer() == layer && selection.isKept(unit))
                .limit(kept - next).toList();
    }

    /** The fewest parameters that the constraints allow. */
    public long least() {
        return shape.parameters() - candidates().mapToLong(unit -> {
            int all = all(unit);
            return unit.index() < all - minimum(unit) ? unit.cost() : 0;
        }).sum();
    }

    private int minimum(Unit unit) {
        return constraints.minimum(unit.type(), all(unit));
    }

    private int all(Unit unit) {
        return new UnitInventory(shape).count(unit.type(), unit.layer());
    }

    private Stream<Unit> candidates() {
        UnitInventory inventory = new UnitInventory(shape);
        return types.stream().sorted().flatMap(type -> inventory.units(type).stream())
                .filter(unit -> layers.contains(unit.type(), unit.layer()));
    }

    private Ranking ranking(UnitScores scores) {
        return new Ranking(key == Key.BLOCK_MEAN ? scores.dividedByMean() : scores);
    }

    /** Ascending by key, then by layer, type and index. */
    private final class Ranking implements Comparator<Unit> {
        private final UnitScores scores;

        Ranking(UnitScores scores) {
            this.scores = scores;
        }

        double key(Unit unit) {
            double score = scores.of(unit);
            return key == Key.PER_PARAM ? score / unit.cost() : score;
        }

        double mean(List<Unit> units) {
            return units.stream().mapToDouble(this::key).average().orElseThrow();
        }

        @Override
        public int compare(Unit a, Unit b) {
            int byKey = Double.compare(key(a), key(b));
            return byKey != 0 ? byKey : Unit.ORDER.compare(a, b);
        }
    }
}
