package io.espalier.pruning.group;

/**
 * A unit's part in one matrix: the rows (output side; biases go with them) or columns (input side) {@code from}
 * (inclusive) to {@code to} (exclusive).
 *
 * @param layer layer of the matrix; -1 outside the blocks
 */
public record Member(int layer, Matrix matrix, Axis axis, int from, int to) {
    /** Which side of a matrix {@code [rows, columns]}; a vector has rows only. */
    public enum Axis {
        ROWS, COLUMNS
    }

    static Member rows(int layer, Matrix matrix, int from, int to) {
        return new Member(layer, matrix, Axis.ROWS, from, to);
    }

    static Member columns(int layer, Matrix matrix, int from, int to) {
        return new Member(layer, matrix, Axis.COLUMNS, from, to);
    }
}
