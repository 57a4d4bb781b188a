package io.espalier.pruning.method.adapruner;

import io.espalier.model.config.Role;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import java.util.List;
import java.util.Locale;

/**
 * What one backward pass over the pool leaves behind for every sample, so that any subset and any blend can be scored
 * without another. Rows of different samples stand side by side, so the samples of the pool may be spread over tasks.
 */
record PoolRows(Statistics statistics) {
    /** The parts of a group, root first. */
    static List<Role> members(UnitType type) {
        return type == UnitType.ATTENTION
                ? List.of(Role.K, Role.O, Role.V, Role.Q)
                : List.of(Role.GATE, Role.DOWN, Role.UP);
    }

    /** Whether a member's channels are its rows; otherwise its columns. */
    static boolean byRows(Role role) {
        return role != Role.O && role != Role.DOWN;
    }

    /** {@code sum_k g_k w_k} over each channel's row or column, signed, [channels]. */
    double[] signed(int sample, int layer, UnitType type, int member) {
        return statistics.get(name("signed", sample, layer, members(type).get(member)));
    }

    /** {@code sum_k |g_k w_k|} over each unit, [units]. */
    double[] absolute(int sample, int layer, UnitType type, int member) {
        return statistics.get(name("absolute", sample, layer, members(type).get(member)));
    }

    /** {@code sum_k g_k^2 w_k^2} over each unit, [units]. */
    double[] squares(int sample, int layer, UnitType type, int member) {
        return statistics.get(name("squares", sample, layer, members(type).get(member)));
    }

    static String name(String kind, int sample, int layer, Role role) {
        return "sample." + sample + ".layer." + layer + "." + role.name().toLowerCase(Locale.ROOT) + "." + kind;
    }
}
