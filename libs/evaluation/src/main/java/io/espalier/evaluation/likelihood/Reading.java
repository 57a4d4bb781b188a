package io.espalier.evaluation.likelihood;

import io.espalier.model.forward.Branches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One sequence that the model reads, and the spans whose predictions it yields. In a causal model nothing behind a token
 * changes what stands at it, so a span whose input is the beginning of another's needs no reading of its own: BoolQ's
 * " yes" and " no" take one. Inputs that begin alike and then differ, as the choices of one question do, are read as
 * {@link Branches} of one stem.
 *
 * @param input    what the model reads
 * @param branches null where it is one plain sequence
 * @param parts    what is predicted on the way
 */
record Reading(int[] input, Branches branches, List<Part> parts) {
    private static final Comparator<Reading> LONGEST_FIRST = Comparator.<Reading>comparingInt(
            reading -> reading.input.length).reversed();

    /**
     * @param span     index of the span
     * @param branch   on which it lies
     * @param position first position whose next token is predicted, counted along the branch
     */
    record Part(int span, int branch, int position, int[] targets) {}

    /** A reading of its own for each span, the longest first, equals in their order. */
    static List<Reading> each(List<Span> spans) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < spans.size(); i++) {
            int[] input = spans.get(i).input();
            int[] targets = spans.get(i).continuation();
            readings.add(new Reading(input, null, List.of(new Part(i, 0, input.length - targets.length, targets))));
        }
        readings.sort(LONGEST_FIRST);
        return readings;
    }

    /** Readings for all spans, the longest first. */
    static List<Reading> of(List<Span> spans, Sharing sharing) {
        List<Reading> readings = sharing.join(plain(spans));
        readings.sort(LONGEST_FIRST);
        return readings;
    }

    /** Without branches; in descending order of their tokens, so that those that begin alike are neighbours. */
    private static List<Reading> plain(List<Span> spans) {
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
                readings.add(new Reading(input, null, new ArrayList<>()));
            }
            int[] targets = spans.get(index).continuation();
            readings.getLast().parts.add(new Part(index, 0, input.length - targets.length, targets));
        }
        return readings;
    }

    /** Where in {@code input} the token stands that predicts a target. */
    int row(Part part, int target) {
        int position = part.position + target;
        return branches == null || position < branches.stem()
                ? position
                : branches.begin(part.branch) + position - branches.stem();
    }

    private static boolean begins(int[] start, int[] whole) {
        int mismatch = Arrays.mismatch(start, whole);
        return mismatch < 0 || mismatch == start.length;
    }
}
