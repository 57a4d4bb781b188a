package io.espalier.pruning.plan;

import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the scores of one kind of unit are spread over all layers, and which of them a plan kept.
 *
 * @param log     whether {@code edges} are powers of ten; the lowest bin then also holds scores of zero
 * @param edges   of the bins, ascending, one more than bins; the highest belongs to the last bin
 * @param kept    units of each bin that stay
 * @param removed units of each bin that go
 */
public record ScoreHistogram(boolean log, List<Double> edges, List<Integer> kept, List<Integer> removed) {
    private static final int BINS = 24;
    private static final double DECADES_AT_MOST = 12;

    private record Scored(double score, boolean kept) {}

    /**
     * @param type     {@link UnitType#ATTENTION} or {@link UnitType#MLP}
     * @param plan     that the scores led to, in units of the original
     * @param previous what was left of the original when it was scored; null means all of it
     * @return empty where no unit of the type was scored
     */
    public static Optional<ScoreHistogram> of(UnitScores scores, UnitType type, PruningPlan plan,
            PruningPlan previous) {
        List<Scored> units = new ArrayList<>();
        for (LayerPlan layer : plan.layers()) {
            if (scores.has(type, layer.layer())) {
                add(units, scores.of(type, layer.layer()), type, layer, previous);
            }
        }
        return units.isEmpty() ? Optional.empty() : Optional.of(of(units));
    }

    private static void add(List<Scored> units, double[] scores, UnitType type, LayerPlan layer,
            PruningPlan previous) {
        Set<Integer> kept = new HashSet<>(indices(type, layer));
        List<Integer> scored = previous == null ? null : indices(type, previous.layers().get(layer.layer()));
        for (int i = 0; i < scores.length; i++) {
            units.add(new Scored(scores[i], kept.contains(scored == null ? i : scored.get(i))));
        }
    }

    private static List<Integer> indices(UnitType type, LayerPlan layer) {
        return type == UnitType.ATTENTION ? layer.keptKvGroups() : layer.keptChannels();
    }

    private static ScoreHistogram of(List<Scored> units) {
        double[] finite = units.stream().mapToDouble(Scored::score).filter(Double::isFinite).sorted().toArray();
        double high = finite.length == 0 ? 1 : finite[finite.length - 1];
        boolean log = finite.length > 0 && finite[0] >= 0 && high > 0;
        double smallest = Arrays.stream(finite).filter(score -> score > 0).findFirst().orElse(1);
        double low = log
                ? Math.max(smallest, high / Math.pow(10, DECADES_AT_MOST))
                : finite.length == 0 ? 0 : finite[0];
        double[] edges = edges(log, low, high);
        int[] kept = new int[BINS];
        int[] removed = new int[BINS];
        units.forEach(unit -> (unit.kept() ? kept : removed)[bin(edges, unit.score())]++);
        return new ScoreHistogram(log, Arrays.stream(edges).boxed().toList(), Arrays.stream(kept).boxed().toList(),
                Arrays.stream(removed).boxed().toList());
    }

    private static double[] edges(boolean log, double low, double high) {
        double from = log ? Math.log10(low) : low;
        double to = log ? Math.log10(high) : high;
        double width = to > from ? (to - from) / BINS : 1.0 / BINS;
        double[] edges = new double[BINS + 1];
        for (int i = 0; i <= BINS; i++) {
            edges[i] = log ? Math.pow(10, from + i * width) : from + i * width;
        }
        return edges;
    }

    /** What lies outside belongs to the first or the last bin. */
    private static int bin(double[] edges, double score) {
        int place = Arrays.binarySearch(edges, score);
        int bin = place >= 0 ? place : -place - 2;
        return Math.clamp(bin, 0, BINS - 1);
    }
}
