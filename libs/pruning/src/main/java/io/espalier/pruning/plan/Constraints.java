package io.espalier.pruning.plan;

import io.espalier.pruning.group.UnitType;

/**
 * What every layer must keep.
 *
 * @param minimumGroups   KV groups
 * @param minimumChannels MLP channels; in narrow layers at most an eighth of what was there [D]
 * @param channelMultiple kept channels are rounded up to a multiple of this; 1 means any
 * @param uniform         whether all layers end with equal widths
 */
public record Constraints(int minimumGroups, int minimumChannels, int channelMultiple, boolean uniform) {
    /** One KV group, 64 channels, any width. */
    public static final Constraints DEFAULT = new Constraints(1, 64, 1, false);

    public Constraints {
        if (minimumGroups < 1 || minimumChannels < 1 || channelMultiple < 1) {
            throw new IllegalArgumentException("a layer keeps at least one unit of each kind, in multiples of at "
                    + "least one: " + minimumGroups + ", " + minimumChannels + ", " + channelMultiple);
        }
    }

    public static Constraints of(int channelMultiple, boolean uniform) {
        return new Constraints(1, 64, channelMultiple, uniform);
    }

    /** The least that a layer keeps of a type of which the original has {@code units}. */
    public int minimum(UnitType type, int units) {
        return switch (type) {
            case ATTENTION -> Math.min(units, minimumGroups);
            case MLP -> aligned(UnitType.MLP, Math.min(minimumChannels, (units + 7) / 8), units);
            case HIDDEN, LAYER -> Math.min(units, 1);
        };
    }

    /** {@code kept} rounded up to a width that is allowed, at most {@code units}. */
    public int aligned(UnitType type, int kept, int units) {
        if (type != UnitType.MLP) {
            return kept;
        }
        return Math.min(units, Math.ceilDiv(kept, channelMultiple) * channelMultiple);
    }
}
