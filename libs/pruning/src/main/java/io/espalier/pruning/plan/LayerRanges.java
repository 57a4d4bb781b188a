package io.espalier.pruning.plan;

import io.espalier.pruning.group.UnitType;

/** Layers that may lose units, by type. */
public record LayerRanges(Range attention, Range mlp) {
    /** Inclusive, 0-based. */
    public record Range(int first, int last) {
        public boolean contains(int layer) {
            return first <= layer && layer <= last;
        }
    }

    public static LayerRanges all(int layers) {
        Range range = new Range(0, layers - 1);
        return new LayerRanges(range, range);
    }

    public boolean contains(UnitType type, int layer) {
        return switch (type) {
            case ATTENTION -> attention.contains(layer);
            case MLP -> mlp.contains(layer);
            case HIDDEN, LAYER -> true;
        };
    }
}
