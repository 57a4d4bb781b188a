package io.espalier.evaluation.likelihood;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One sequence that the model reads, and the spans whose predictions it yields. In a causal model nothing behind a token
 * changes what stands at it, so a span whose input is the beginning of another's needs no reading of its own: BoolQ's
 * " yes" and " no" take one.
 *
 * @param input what the model reads
 * @param parts what is predicted on the way
 */
record Reading(int[] input, List<Part> parts) {
    /**
     * @param span     index of the span
     * @param position first position whose next token is predicted
     */
    record Part(int span, int position, int[] targets) {}

    /** Readings for all spans, the longest first. */
    static List<Reading> of(List<Span> spans) {
        List<int[]> inputs = spans.stream().map(Span::input).toList();
        int[] order = IntStream.range(0, spans.size()).boxed().sorted(
                Comparator.<Integer, int[]>comparing(inputs::get, Arrays::compare).reversed()).mapToInt(
                        Integer::intValue)
                .toArray();
        List<Reading> readings = new ArrayList<>();
        int[] longest = null;
        for (int index : order) { // a beginning stands behind all that it begins, nothing else between
            int[] input = inputs.get(index);
            if (longest == null || !begins(input, longest)) {
                longest = input;
                readings.add(new Reading(input, new ArrayList<>()));
            }
            int[] targets = spans.get(index).continuation();
            readings.getLast().parts.add(new Part(index, input.length - targets.length, targets));
        }
        readings.sort(Comparator.<Reading>comparingInt(reading -> reading.input.length).reversed());
        return readings;
    }

    private static boolean begins(int[] start, int[] whole) {
        int mismatch = Arrays.mismatch(start, whole);
        return mismatch < 0 || mismatch == start.length;
    }
}
