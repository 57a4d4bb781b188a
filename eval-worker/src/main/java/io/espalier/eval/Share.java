package io.espalier.eval;

import io.espalier.evaluation.likelihood.Limits;
import io.espalier.protocol.message.Work;
import java.util.Arrays;

/**
 * Which segments of a text belong to a part: about as many for each, cut between micro-batches of the standard size, so that the
 * same segments pass the model together as without parts and each comes out the same to the last bit. The last parts of a short
 * text may be empty.
 */
final class Share {
    private Share() {}

    /**
     * @param segments all, [n][T]
     * @param part     null for all
     */
    static int[][] of(int[][] segments, Work.Part part) {
        if (part == null) {
            return segments;
        }
        int together = Math.max(1, Limits.standard().microBatchTokens() / segments[0].length);
        long batches = Math.ceilDiv(segments.length, together);
        return Arrays.copyOfRange(segments, border(batches, part.index(), part.of(), together, segments.length),
                border(batches, part.index() + 1, part.of(), together, segments.length));
    }

    private static int border(long batches, int index, int of, int together, int segments) {
        return Math.toIntExact(Math.min(segments, Math.ceilDiv(batches * index, of) * together));
    }
}
