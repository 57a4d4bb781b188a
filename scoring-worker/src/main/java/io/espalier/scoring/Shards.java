package io.espalier.scoring;

import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.Sharding;

/**
 * Into how many tasks scoring is cut: so that one takes about a minute, but into several in any case where that is exact,
 * so that several workers have something to do. The number depends on the request alone, never on how many workers
 * there are.
 */
public record Shards(int ofSamples, int ofLayers) {
    private static final int LEAST = 4;
    /** Forward, recomputed forward and backward: floating-point operations for each weight and token. */
    private static final double OPERATIONS = 8;
    private static final double OPERATIONS_PER_MINUTE = 60 * 100e9;
    private static final double BYTES_PER_MINUTE = 60 * 100e6;

    public static Shards of(ModelConfig config, Scoring scoring, int samples, int length) {
        if (scoring.sharding() == Sharding.BY_SAMPLES) {
            double operations = OPERATIONS * config.parameters() * samples * length;
            return new Shards(clamp(operations / OPERATIONS_PER_MINUTE,
                    Math.max(1, samples / scoring.together())), 1);
        }
        if (scoring.sharding() == Sharding.BY_LAYERS) {
            return new Shards(1, clamp(config.bytes() / BYTES_PER_MINUTE, config.layers().size()));
        }
        return new Shards(1, 1);
    }

    private static int clamp(double minutes, int most) {
        return (int) Math.clamp(Math.ceil(minutes), Math.min(LEAST, most), most);
    }
}
