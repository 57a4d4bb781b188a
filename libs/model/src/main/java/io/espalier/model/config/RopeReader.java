package io.espalier.model.config;

import java.util.TreeSet;

/** Reads what {@code config.json} says about rotary embedding, in the form of transformers 4 or 5. */
final class RopeReader {
    private static final double YARN_FAST = 32;
    private static final double YARN_SLOW = 1;

    private final ConfigFile config;
    private final Family.RopeStyle style;
    private final int positions;
    private final ConfigFile parameters;

    RopeReader(ConfigFile config, Family.RopeStyle style, int positions) {
        this.config = config;
        this.style = style;
        this.positions = positions;
        this.parameters = config.object(config.has("rope_parameters") ? "rope_parameters" : "rope_scaling");
    }

    Rope read(int headDim) {
        double theta = parameters.has("rope_theta")
                ? parameters.positiveNumber("rope_theta")
                : config.positiveNumber("rope_theta", style.theta());
        if (style.thetaFactor() != null) {
            theta *= config.positiveNumber(style.thetaFactor(), 1);
        }
        int rotated = rotated(headDim);
        return new Rope(theta, rotated, style.pairs() == Family.Pairs.NEIGHBOURS, scaling(rotated));
    }

    private int rotated(int headDim) {
        ConfigFile place = parameters.has("partial_rotary_factor") ? parameters : config;
        double share = place.positiveNumber("partial_rotary_factor", style.share());
        int rotated = (int) (headDim * share);
        if (share > 1 || rotated < 2 || rotated % 2 != 0) {
            throw place.invalid("partial_rotary_factor", share,
                    "a share of a head (" + headDim + ") that makes an even number of rotated entries");
        }
        return rotated;
    }

    private Rope.Scaling scaling(int rotated) {
        String key = parameters.has("rope_type") ? "rope_type" : "type";
        String type = parameters.text(key, "default");
        Family.ScalingKind kind = style.scalings().get(type);
        if (kind == null) {
            throw parameters.unsupported(key, type, String.join(", ", new TreeSet<>(style.scalings().keySet())));
        }
        return switch (kind) {
            case NONE -> new Rope.Unscaled();
            case LINEAR -> new Rope.Linear(parameters.positiveNumber("factor"));
            case LLAMA3 -> llama3();
            case YARN -> yarn();
            case LONGROPE -> longRope(rotated / 2);
        };
    }

    private Rope.Scaling llama3() {
        double low = parameters.positiveNumber("low_freq_factor");
        double high = parameters.positiveNumber("high_freq_factor");
        if (high <= low) {
            throw parameters.invalid("high_freq_factor", high, "more than low_freq_factor (" + low + ")");
        }
        return new Rope.Llama3(parameters.positiveNumber("factor"), low, high,
                parameters.positiveNumber("original_max_position_embeddings"));
    }

    private Rope.Scaling yarn() {
        double factor = parameters.positiveNumber("factor");
        double scale = parameters.positiveNumber("mscale", 0);
        double scaleAll = parameters.positiveNumber("mscale_all_dim", 0);
        double usual = scale > 0 && scaleAll > 0
                ? Rope.Yarn.usualAmplitude(factor, scale) / Rope.Yarn.usualAmplitude(factor, scaleAll)
                : Rope.Yarn.usualAmplitude(factor, 1);
        return new Rope.Yarn(factor, originalPositions(), parameters.positiveNumber("beta_fast", YARN_FAST),
                parameters.positiveNumber("beta_slow", YARN_SLOW), parameters.flag("truncate", true),
                parameters.positiveNumber("attention_factor", usual));
    }

    private Rope.Scaling longRope(int pairs) {
        double original = originalPositions();
        double factor = parameters.positiveNumber("factor", positions / original);
        return new Rope.LongRope(parameters.positiveNumbers("short_factor", pairs),
                parameters.positiveNumbers("long_factor", pairs), original,
                parameters.positiveNumber("attention_factor", Rope.LongRope.usualAmplitude(factor, original)));
    }

    private double originalPositions() {
        String key = "original_max_position_embeddings";
        return config.has(key)
                ? config.positiveNumber(key)
                : parameters.positiveNumber(key, positions);
    }
}
