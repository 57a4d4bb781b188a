package io.espalier.pruning.importance;

import io.espalier.model.config.Role;
import io.espalier.pruning.group.Member.Axis;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The statistic of one member of a group in one weight: a number for each row or column, under the name
 * {@code layer.7.gate.rows}.
 *
 * @param layer -1 outside the blocks
 */
public record MemberStatistic(int layer, Role role, Axis axis) {
    private static final Set<Role> OUTPUT_NORMS = EnumSet.of(Role.O_NORM, Role.DOWN_NORM);

    public String key() {
        String place = layer < 0 ? "" : "layer." + layer + ".";
        return place + (role.name() + "." + axis.name()).toLowerCase(Locale.ROOT);
    }

    /**
     * Members of a layer's groups of a type, root first, as LLM-Pruner's dependency graph walks them; some families do not
     * have all of {@code HIDDEN}'s.
     */
    public static List<MemberStatistic> of(UnitType type, int layer) {
        return switch (type) {
            case ATTENTION -> List.of(rows(layer, Role.K), columns(layer, Role.O), rows(layer, Role.V),
                    rows(layer, Role.Q));
            case MLP -> List.of(rows(layer, Role.GATE), columns(layer, Role.DOWN), rows(layer, Role.UP));
            case HIDDEN -> List.of(rows(layer, Role.INPUT_NORM), columns(layer, Role.Q), columns(layer, Role.K),
                    columns(layer, Role.V), rows(layer, Role.O), rows(layer, Role.O_NORM),
                    rows(layer, Role.POST_NORM), columns(layer, Role.GATE), columns(layer, Role.UP),
                    rows(layer, Role.DOWN), rows(layer, Role.DOWN_NORM));
            case LAYER -> throw new IllegalArgumentException("whole layers have no member statistics");
        };
    }

    /** Members of the one group over the hidden dimension; its root is the first norm. */
    public static List<MemberStatistic> ofHidden(ModelShape shape) {
        boolean outputNorms = shape.extras().norms() > 1;
        List<MemberStatistic> members = new ArrayList<>();
        for (int layer = 0; layer < shape.layers().size(); layer++) {
            of(UnitType.HIDDEN, layer).stream().filter(member -> outputNorms || !OUTPUT_NORMS.contains(member.role()))
                    .forEach(members::add);
        }
        members.add(columns(-1, Role.EMBEDDING));
        members.add(rows(-1, Role.FINAL_NORM));
        if (!shape.tied()) {
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
