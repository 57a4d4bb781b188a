package io.espalier.pruning.group;

import io.espalier.model.config.Role;

/**
 * A unit's part in one weight: the rows (output side; biases go with them) or columns (input side) {@code from}
 * (inclusive) to {@code to} (exclusive).
 *
 * @param layer layer of the matrix; -1 outside the blocks
 */
public record Member(int layer, Role role, Axis axis, int from, int to) {
    /** Which side of a matrix {@code [rows, columns]}; a vector has rows only. */
    public enum Axis {
        ROWS, COLUMNS
    }

    static Member rows(int layer, Role role, int from, int to) {
        return new Member(layer, role, Axis.ROWS, from, to);
    }

    static Member columns(int layer, Role role, int from, int to) {
        return new Member(layer, role, Axis.COLUMNS, from, to);
    }
}
