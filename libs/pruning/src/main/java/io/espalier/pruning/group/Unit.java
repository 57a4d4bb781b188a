package io.espalier.pruning.group;

import java.util.Comparator;

/**
 * One removable structure.
 *
 * @param layer layer of the model at hand, from 0
 * @param index which of its kind in that layer, from 0
 * @param cost  weights that go with it, biases included
 */
public record Unit(int layer, UnitType type, int index, long cost) {
    /** Layer, then type, then index: how equal scores are told apart, on every worker alike. */
    public static final Comparator<Unit> ORDER = Comparator.comparingInt(Unit::layer).thenComparing(Unit::type)
            .thenComparingInt(Unit::index);
}
