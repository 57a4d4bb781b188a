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
        } else if (bytes == Short.BYTES) {
            gatherShorts(source, (int) rowElements, sink);
        } else if (bytes == Integer.BYTES) {
            gatherInts(source, (int) rowElements, sink);
        } else {
            throw new IllegalArgumentException("weights of " + bytes + " bytes per element");
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

    private void gatherShorts(MemorySegment source, int rowElements, Consumer<MemorySegment> sink) {
        short[] row = new short[rowElements];
        int rowsPerPiece = Math.max(1, BUFFER_BYTES / (columns.length * Short.BYTES));
        short[] piece = new short[rowsPerPiece * columns.length];
        int filled = 0;
        for (int index : rows) {
            MemorySegment.copy(source, ValueLayout.JAVA_SHORT_UNALIGNED, (long) index * rowElements * Short.BYTES, row,
                    0, rowElements);
            for (int column : columns) {
                piece[filled++] = row[column];
            }
            if (filled == piece.length) {
                sink.accept(MemorySegment.ofArray(piece));
                filled = 0;
            }
        }
        sink.accept(MemorySegment.ofArray(piece).asSlice(0, (long) filled * Short.BYTES));
    }

    private void gatherInts(MemorySegment source, int rowElements, Consumer<MemorySegment> sink) {
        int[] row = new int[rowElements];
        int rowsPerPiece = Math.max(1, BUFFER_BYTES / (columns.length * Integer.BYTES));
        int[] piece = new int[rowsPerPiece * columns.length];
        int filled = 0;
        for (int index : rows) {
            MemorySegment.copy(source, ValueLayout.JAVA_INT_UNALIGNED, (long) index * rowElements * Integer.BYTES, row,
                    0, rowElements);
            for (int column : columns) {
                piece[filled++] = row[column];
            }
            if (filled == piece.length) {
                sink.accept(MemorySegment.ofArray(piece));
                filled = 0;
            }
        }
        sink.accept(MemorySegment.ofArray(piece).asSlice(0, (long) filled * Integer.BYTES));
    }
}
