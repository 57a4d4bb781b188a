package io.espalier.evaluation.likelihood;

import io.espalier.model.forward.Branches;
import io.espalier.model.forward.MicroBatches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Readings that go through the model together, in micro-batches. In a micro-batch all have the same length: they are
 * filled up behind their end to a multiple of {@value #STEP}, where a causal model does not look.
 *
 * @param batches readings of each micro-batch
 * @param lengths what they are filled up to, per micro-batch
 */
record Wave(List<List<Reading>> batches, List<Integer> lengths) {
    private static final int STEP = 16;

    /**
     * @param readings     the longest first
     * @param maxPositions the model's
     */
    static List<Wave> of(List<Reading> readings, Limits limits, int hiddenSize, int maxPositions) {
        List<Wave> waves = new ArrayList<>();
        long bytes = Long.MAX_VALUE;
        for (Reading reading : readings) {
            int length = filledUp(reading, maxPositions);
            long more = (long) length * hiddenSize * Float.BYTES;
            if (waves.isEmpty() || bytes + more > limits.activationBytes()) {
                waves.add(new Wave(new ArrayList<>(), new ArrayList<>()));
                bytes = 0;
            }
            waves.getLast().add(reading, length, limits.microBatchTokens());
            bytes += more;
        }
        return waves;
    }

    MicroBatches microBatches() {
        List<int[][]> filled = new ArrayList<>();
        List<List<Branches>> branches = new ArrayList<>();
        for (int m = 0; m < batches.size(); m++) {
            int length = lengths.get(m);
            filled.add(batches.get(m).stream().map(reading -> Arrays.copyOf(reading.input(), length)).toArray(
                    int[][]::new));
            branches.add(batches.get(m).stream().map(Reading::branches).filter(Objects::nonNull).toList());
        }
        return new MicroBatches(filled, branches);
    }

    /** Tokens of a micro-batch without the filling. */
    long tokens(int microBatch) {
        return batches.get(microBatch).stream().mapToLong(reading -> reading.input().length).sum();
    }

    long tokens() {
        return batches.stream().flatMap(List::stream).mapToLong(reading -> reading.input().length).sum();
    }

    private void add(Reading reading, int length, int microBatchTokens) {
        boolean fits = !batches.isEmpty() && lengths.getLast() == length
                && (batches.getLast().getFirst().branches() == null) == (reading.branches() == null)
                && (batches.getLast().size() + 1) * length <= microBatchTokens;
        if (!fits) {
            batches.add(new ArrayList<>());
            lengths.add(length);
        }
        batches.getLast().add(reading);
    }

    /** Filling behind branches takes no positions of its own. */
    private static int filledUp(Reading reading, int maxPositions) {
        int length = reading.input().length;
        int filled = (length + STEP - 1) / STEP * STEP;
        return reading.branches() == null ? Math.max(length, Math.min(maxPositions, filled)) : filled;
    }
}
