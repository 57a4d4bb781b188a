package io.espalier.evaluation.likelihood;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A long text in spans that predict every token exactly once, each span as long as the model's positions allow. The last
 * one reaches back to have full context. lm-evaluation-harness, {@code get_rolling_token_windows} with one token of
 * context and {@code make_disjoint_window}.
 */
public final class RollingWindows {
    private RollingWindows() {}

    /**
     * @param tokens       of the text
     * @param prefix       stands before the first one
     * @param maxPositions the model's
     */
    public static List<Span> of(int[] tokens, int prefix, int maxPositions) {
        int[] all = new int[tokens.length + 1]; // index i: prefix, then token i - 1
        all[0] = prefix;
        System.arraycopy(tokens, 0, all, 1, tokens.length);
        List<Span> spans = new ArrayList<>();
        for (int predicted = 0; predicted < tokens.length;) {
            int targets = Math.min(maxPositions, tokens.length - predicted);
            int end = predicted + targets;
            spans.add(new Span(Arrays.copyOfRange(all, Math.max(0, end - maxPositions), end + 1), targets));
            predicted = end;
        }
        return spans;
    }
}
