package io.espalier.pruning.group;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Every unit of a model and its parts: the one list that all methods rank.
 *
 * <p>Query head {@code h} reads KV head {@code h / R}: a KV group {@code k} owns the query heads {@code k R} to
 * {@code k R + R - 1}, contiguous, and only whole groups can go (LLM-Pruner's dependency closure, arXiv:2305.11627).
 */
public final class UnitInventory {
    private final ModelShape shape;

    public UnitInventory(ModelShape shape) {
        this.shape = shape;
    }

    public ModelShape shape() {
        return shape;
    }

    /** Units of a type in a layer; {@code HIDDEN} knows layer 0 only. */
    public int count(UnitType type, int layer) {
        return switch (type) {
            case ATTENTION -> shape.layer(layer).kvHeads();
            case MLP -> shape.layer(layer).channels();
            case HIDDEN -> layer == 0 ? shape.hiddenSize() : 0;
            case LAYER -> 1;
        };
    }

    /** Weights that go with one unit. */
    public long cost(UnitType type, int layer) {
        return switch (type) {
            case ATTENTION -> shape.attentionCost(layer);
            case MLP -> shape.channelCost();
            case HIDDEN -> shape.hiddenCost();
            case LAYER -> shape.layerCost(layer);
        };
    }

    public List<Unit> units(UnitType type, int layer) {
        long cost = cost(type, layer);
        return IntStream.range(0, count(type, layer)).mapToObj(index -> new Unit(layer, type, index, cost)).toList();
    }

    /** All units of a type, in order of layers. */
    public List<Unit> units(UnitType type) {
        return IntStream.range(0, shape.layers().size()).boxed().flatMap(layer -> units(type, layer).stream())
                .toList();
    }

    /** The rows and columns that a unit consists of, the root of its group first (LLM-Pruner's order: k, o, v, q). */
    public List<Member> members(Unit unit) {
        return switch (unit.type()) {
            case ATTENTION -> attention(unit.layer(), unit.index());
            case MLP -> channel(unit.layer(), unit.index());
            case HIDDEN -> hidden(unit.index());
            case LAYER -> block(unit.layer());
        };
    }

    private List<Member> attention(int layer, int group) {
        int dim = shape.headDim();
        int heads = shape.layer(layer).groupSize();
        int kv = group * dim;
        int query = group * heads * dim;
        return List.of(Member.rows(layer, Role.K, kv, kv + dim),
                Member.columns(layer, Role.O, query, query + heads * dim),
                Member.rows(layer, Role.V, kv, kv + dim), Member.rows(layer, Role.Q, query, query + heads * dim));
    }

    private List<Member> channel(int layer, int index) {
        return List.of(Member.rows(layer, Role.GATE, index, index + 1),
                Member.columns(layer, Role.DOWN, index, index + 1), Member.rows(layer, Role.UP, index, index + 1));
    }

    private List<Member> hidden(int index) {
        List<Member> members = new ArrayList<>();
        members.add(Member.columns(-1, Role.EMBEDDING, index, index + 1));
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            members.add(Member.rows(layer, Role.INPUT_NORM, index, index + 1));
            for (Role role : List.of(Role.Q, Role.K, Role.V)) {
                members.add(Member.columns(layer, role, index, index + 1));
            }
            members.add(Member.rows(layer, Role.O, index, index + 1));
            outputNorm(Role.O_NORM, layer, index, index + 1, members);
            members.add(Member.rows(layer, Role.POST_NORM, index, index + 1));
            members.add(Member.columns(layer, Role.GATE, index, index + 1));
            members.add(Member.columns(layer, Role.UP, index, index + 1));
            members.add(Member.rows(layer, Role.DOWN, index, index + 1));
            outputNorm(Role.DOWN_NORM, layer, index, index + 1, members);
        }
        members.add(Member.rows(-1, Role.FINAL_NORM, index, index + 1));
        if (!shape.tied()) {
            members.add(Member.columns(-1, Role.HEAD, index, index + 1));
        }
        return List.copyOf(members);
    }

    private List<Member> block(int layer) {
        LayerShape widths = shape.layer(layer);
        List<Member> members = new ArrayList<>();
        IntStream.range(0, widths.kvHeads()).forEach(group -> members.addAll(attention(layer, group)));
        IntStream.range(0, widths.channels()).forEach(index -> members.addAll(channel(layer, index)));
        members.add(Member.rows(layer, Role.INPUT_NORM, 0, shape.hiddenSize()));
        members.add(Member.rows(layer, Role.POST_NORM, 0, shape.hiddenSize()));
        outputNorm(Role.O_NORM, layer, 0, shape.hiddenSize(), members);
        outputNorm(Role.DOWN_NORM, layer, 0, shape.hiddenSize(), members);
        return List.copyOf(members);
    }

    private void outputNorm(Role role, int layer, int from, int to, List<Member> members) {
        if (shape.extras().norms() > 1) {
            members.add(Member.rows(layer, role, from, to));
        }
    }
}
