package io.espalier.pruning.importance;

import io.espalier.model.config.Role;
import io.espalier.pruning.group.Member.Axis;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The statistic of one member of a group in one weight: a number for each row or column, under the name
 * {@code layer.7.gate.rows}.
 *
 * @param layer -1 outside the blocks
 */
public record MemberStatistic(int layer, Role role, Axis axis) {
    public String key() {
        String place = layer < 0 ? "" : "layer." + layer + ".";
        return place + (role.name() + "." + axis.name()).toLowerCase(Locale.ROOT);
    }

    /** Members of a layer's groups of a type, root first, as LLM-Pruner's dependency graph walks them. */
    public static List<MemberStatistic> of(UnitType type, int layer) {
        return switch (type) {
            case ATTENTION -> List.of(rows(layer, Role.K), columns(layer, Role.O), rows(layer, Role.V),
                    rows(layer, Role.Q));
            case MLP -> List.of(rows(layer, Role.GATE), columns(layer, Role.DOWN), rows(layer, Role.UP));
            case HIDDEN -> List.of(rows(layer, Role.INPUT_NORM), columns(layer, Role.Q), columns(layer, Role.K),
                    columns(layer, Role.V), rows(layer, Role.O), rows(layer, Role.POST_NORM),
                    columns(layer, Role.GATE), columns(layer, Role.UP), rows(layer, Role.DOWN));
            case LAYER -> throw new IllegalArgumentException("whole layers have no member statistics");
        };
    }

    /** Members of the one group over the hidden dimension; its root is the first norm. */
    public static List<MemberStatistic> ofHidden(int layers, boolean tied) {
        List<MemberStatistic> members = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            members.addAll(of(UnitType.HIDDEN, layer));
        }
        members.add(columns(-1, Role.EMBEDDING));
        members.add(rows(-1, Role.FINAL_NORM));
        if (!tied) {
            members.add(columns(-1, Role.HEAD));
        }
        return members;
    }

    private static MemberStatistic rows(int layer, Role role) {
        return new MemberStatistic(layer, role, Axis.ROWS);
    }

    private static MemberStatistic columns(int layer, Role role) {
        return new MemberStatistic(layer, role, Axis.COLUMNS);
    }
}
