package io.espalier.pruning.latency;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Which variants of a model are timed: all of its first layers, then half of these, and a half and a quarter of their widths. */
public final class TimedVariants {
    private static final int[][] DIVISORS = {{2, 1}, {4, 1}, {1, 2}, {1, 4}, {2, 2}, {4, 4}};
    /** All, half of the layers, and one for each pair of divisors. */
    private static final int MOST = 2 + DIVISORS.length;

    private TimedVariants() {}

    /**
     * The widest first, which has all widths; at least two layers where there are as many.
     *
     * @param residentBytes fp32 weights that may stay in memory: all variants together, so that they are timed in turns;
     *                      a larger model is represented by its first layers
     */
    public static List<PruningPlan> of(ModelShape shape, long residentBytes) {
        int all = shape.layers().size();
        double share = residentBytes / ((double) shape.parameters() * Float.BYTES * MOST);
        int layers = (int) Math.clamp(Math.floor(all * share), Math.min(2, all), all);
        List<PruningPlan> plans = new ArrayList<>();
        plans.add(plan(shape, layers, 1, 1));
        plans.add(plan(shape, Math.ceilDiv(layers, 2), 1, 1));
        for (int[] divisors : DIVISORS) {
            plans.add(plan(shape, layers, divisors[0], divisors[1]));
        }
        return plans.stream().distinct().toList();
    }

    private static PruningPlan plan(ModelShape shape, int layers, int headDivisor, int channelDivisor) {
        return PruningPlan.of(shape, IntStream.range(0, layers).mapToObj(layer -> {
            var widths = shape.layer(layer);
            return LayerPlan.of(layer, widths.groupSize(), first(widths.kvHeads(), headDivisor),
                    first(widths.channels(), channelDivisor));
        }).toList(), null);
    }

    private static List<Integer> first(int all, int divisor) {
        return IntStream.range(0, Math.ceilDiv(all, divisor)).boxed().toList();
    }
}
