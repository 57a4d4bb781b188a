package io.espalier.pruning.plan;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.Unit;
import io.espalier.pruning.group.UnitInventory;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** Which KV groups and channels are still kept while a selector works; begins with all. */
public final class Selection {
    private final UnitInventory inventory;
    private final List<BitSet> groups = new ArrayList<>();
    private final List<BitSet> channels = new ArrayList<>();
    private long removedCost;

    public Selection(ModelShape shape) {
        inventory = new UnitInventory(shape);
        shape.layers().forEach(layer -> {
            groups.add(all(layer.kvHeads()));
            channels.add(all(layer.channels()));
        });
    }

    public UnitInventory inventory() {
        return inventory;
    }

    public void remove(Unit unit) {
        if (isKept(unit)) {
            kept(unit.type(), unit.layer()).clear(unit.index());
            removedCost += unit.cost();
        }
    }

    public void restore(Unit unit) {
        if (!isKept(unit)) {
            kept(unit.type(), unit.layer()).set(unit.index());
            removedCost -= unit.cost();
        }
    }

    public boolean isKept(Unit unit) {
        return kept(unit.type(), unit.layer()).get(unit.index());
    }

    public int count(UnitType type, int layer) {
        return kept(type, layer).cardinality();
    }

    /** Weights removed so far. */
    public long removedCost() {
        return removedCost;
    }

    public PruningPlan toPlan() {
        ModelShape shape = inventory.shape();
        List<LayerPlan> layers = new ArrayList<>();
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            layers.add(LayerPlan.of(layer, shape.layer(layer).groupSize(), indices(groups.get(layer)),
                    indices(channels.get(layer))));
        }
        return PruningPlan.of(shape, layers, null);
    }

    private BitSet kept(UnitType type, int layer) {
        return switch (type) {
            case ATTENTION -> groups.get(layer);
            case MLP -> channels.get(layer);
            case HIDDEN, LAYER -> throw new IllegalArgumentException(type + " units are not selected layer by layer");
        };
    }

    private static BitSet all(int count) {
        BitSet set = new BitSet(count);
        set.set(0, count);
        return set;
    }

    private static List<Integer> indices(BitSet set) {
        return set.stream().boxed().toList();
    }
}
