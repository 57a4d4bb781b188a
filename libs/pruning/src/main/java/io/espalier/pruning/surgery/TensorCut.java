package io.espalier.pruning.surgery;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;

/**
 * Rows and columns of a stored matrix, picked by index and copied bit for bit.
 *
 * @param rows    ascending
 * @param columns ascending; null for a vector
 */
record TensorCut(int[] rows, int[] columns) {
    /** Bytes gathered before they are handed on. */
    private static final int BUFFER_BYTES = 1 << 22;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

    /** Shape of the result. */
    long[] shape() {
        return columns == null ? new long[]{rows.length} : new long[]{rows.length, columns.length};
    }

    /**
     * @param source      all rows, one after another
     * @param rowElements elements of a source row; 1 for a vector
     * @param bytes       of an element: 2 or 4
     * @param sink        takes the result in pieces, in order; a piece is valid only during the call
     */
    void copy(MemorySegment source, long rowElements, int bytes, Consumer<MemorySegment> sink) {
        if (columns == null || columns.length == rowElements) {
            copyRows(source, rowElements * bytes, sink);
        } else {
            gather(source, rowElements, bytes, sink);
        }
    }

    /** Runs of neighbouring rows are handed on as they lie in the source. */
    private void copyRows(MemorySegment source, long rowBytes, Consumer<MemorySegment> sink) {
        int from = 0;
        while (from < rows.length) {
            int to = from + 1;
            while (to < rows.length && rows[to] == rows[to - 1] + 1) {
                to++;
            }
            sink.accept(source.asSlice(rows[from] * rowBytes, (to - from) * rowBytes));
            from = to;
        }
    }

    /** The columns of each row, row by row; elements are moved as the integers of their size. */
    private void gather(MemorySegment source, long rowElements, int bytes, Consumer<MemorySegment> sink) {
        int rowsPerPiece = Math.max(1, BUFFER_BYTES / (columns.length * bytes));
        byte[] piece = new byte[rowsPerPiece * columns.length * bytes];
        MemorySegment gathered = MemorySegment.ofArray(piece);
        int filled = 0;
        for (int index : rows) {
            MemorySegment row = source.asSlice(index * rowElements * bytes, rowElements * bytes);
            pick(row, bytes, gathered.asSlice(filled));
            filled += columns.length * bytes;
            if (filled == piece.length) {
                sink.accept(gathered);
                filled = 0;
            }
        }
        sink.accept(gathered.asSlice(0, filled));
    }

    private void pick(MemorySegment row, int bytes, MemorySegment into) {
        switch (bytes) {
            case Short.BYTES -> {
                for (int i = 0; i < columns.length; i++) {
                    into.setAtIndex(SHORT, i, row.getAtIndex(SHORT, columns[i]));
                }
            }
            case Integer.BYTES -> {
                for (int i = 0; i < columns.length; i++) {
                    into.setAtIndex(INT, i, row.getAtIndex(INT, columns[i]));
                }
            }
            default -> throw new IllegalArgumentException("weights of " + bytes + " bytes per element");
        }
    }
}
