package io.espalier.scoring;

import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.Sharding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Into how many tasks scoring is cut: so that one takes about a minute, but into several in any case where that is exact,
 * so that several workers have something to do. The number depends on the request alone, never on how many workers
 * there are.
 *
 * @param rangeStarts first layers of the ranges where those hand on what they compute; null where layers are cut evenly
 */
public record Shards(int ofSamples, int ofLayers, List<Integer> rangeStarts) {
    /** A token's way through lm_head costs two products, through a block's weight three. */
    private static final double HEAD_SHARE = 2.0 / 3;
    private static final int LEAST = 4;
    /** Forward, recomputed forward and backward: floating-point operations for each weight and token. */
    private static final double OPERATIONS = 8;
    private static final double OPERATIONS_PER_MINUTE = 60 * 100e9;
    private static final double BYTES_PER_MINUTE = 60 * 100e6;

    public static Shards of(ModelConfig config, Scoring scoring, int samples, int length) {
        if (scoring.sharding() == Sharding.BY_SAMPLES) {
            double operations = OPERATIONS * config.parameters() * samples * length;
            return new Shards(clamp(operations / OPERATIONS_PER_MINUTE,
                    Math.max(1, samples / scoring.together())), 1, null);
        }
        if (scoring.sharding() == Sharding.BY_LAYERS) {
            return new Shards(1, clamp(config.bytes() / BYTES_PER_MINUTE, config.layers().size()), null);
        }
        if (scoring.sharding() == Sharding.BY_RANGES) {
            return new Shards(1, scoring.ranges(), rangeStarts(config, scoring.ranges()));
        }
        return new Shards(1, 1, null);
    }

    /** One behind the last layer of a range, of a model with so many layers. */
    int rangeEnd(int range, int layers) {
        return range + 1 < rangeStarts.size() ? rangeStarts.get(range + 1) : layers;
    }

    /** Cuts the layers so that the range that takes longest takes as little time as it can; the last one has the head too. */
    private static List<Integer> rangeStarts(ModelConfig config, int ranges) {
        int layers = config.layers().size();
        double[] before = new double[layers + 1]; // cost of all layers in front of each
        for (int layer = 0; layer < layers; layer++) {
            before[layer + 1] = before[layer] + config.parameters(layer, layer + 1);
        }
        before[layers] += HEAD_SHARE * config.vocabularySize() * config.hiddenSize();
        double[] longest = before.clone(); // of the ranges that end in front of each layer
        int[][] starts = new int[ranges][layers + 1];
        for (int range = 1; range < ranges; range++) {
            double[] next = new double[layers + 1];
            Arrays.fill(next, Double.POSITIVE_INFINITY);
            for (int end = range + 1; end <= layers; end++) {
                for (int start = range; start < end; start++) {
                    double cost = Math.max(longest[start], before[end] - before[start]);
                    if (cost < next[end]) {
                        next[end] = cost;
                        starts[range][end] = start;
                    }
                }
            }
            longest = next;
        }
        List<Integer> found = new ArrayList<>();
        for (int range = ranges - 1, end = layers; range >= 0; range--) {
            end = starts[range][end];
            found.addFirst(end);
        }
        return found;
    }

    private static int clamp(double minutes, int most) {
        return (int) Math.clamp(Math.ceil(minutes), Math.min(LEAST, most), most);
    }
}
