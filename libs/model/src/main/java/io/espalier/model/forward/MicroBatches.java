package io.espalier.model.forward;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Sequences in the portions in which they go through a block. All sequences of one micro-batch have the same length.
 *
 * @param batches  each [B][T]
 * @param branches of each micro-batch's sequences; an empty list where they have none
 */
public record MicroBatches(List<int[][]> batches, List<List<Branches>> branches) {
    public MicroBatches {
        batches = List.copyOf(batches);
        branches = List.copyOf(branches);
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("no sequences");
        }
        for (int i = 0; i < batches.size(); i++) {
            int branched = branches.get(i).size();
            if (branched != 0 && branched != batches.get(i).length) {
                throw new IllegalArgumentException(branched + " of " + batches.get(i).length
                        + " sequences of a micro-batch have branches");
            }
        }
    }

    /** Without branches. */
    public MicroBatches(List<int[][]> batches) {
        this(batches, Collections.nCopies(batches.size(), List.of()));
    }

    /** In order, {@code size} at a time; a change of length starts a new one. */
    public static MicroBatches of(int[][] sequences, int size) {
        var batches = new ArrayList<int[][]>();
        int from = 0;
        for (int i = 1; i <= sequences.length; i++) {
            if (i == sequences.length || i - from == size || sequences[i].length != sequences[from].length) {
                batches.add(Arrays.copyOfRange(sequences, from, i));
                from = i;
            }
        }
        return new MicroBatches(batches);
    }

    public int count() {
        return batches.size();
    }

    public int[][] get(int index) {
        return batches.get(index);
    }

    /** Tokens of one micro-batch. */
    long tokens(int index) {
        return (long) get(index).length * get(index)[0].length;
    }

    /** Tokens of all of them. */
    long tokens() {
        return IntStream.range(0, count()).mapToLong(this::tokens).sum();
    }

    public int sequences() {
        return batches.stream().mapToInt(b -> b.length).sum();
    }

    /** Index of the first sequence of a micro-batch among all sequences. */
    public int firstSequence(int index) {
        return batches.subList(0, index).stream().mapToInt(b -> b.length).sum();
    }
}
