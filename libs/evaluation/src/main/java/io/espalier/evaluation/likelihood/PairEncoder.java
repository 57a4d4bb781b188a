package io.espalier.evaluation.likelihood;

import io.espalier.evaluation.task.PythonText;
import io.espalier.evaluation.task.Request;
import io.espalier.model.text.Tokenizer;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Tokens of a context and its continuation, as lm-evaluation-harness makes them, and cut from the left where they are
 * longer than the model's positions (and one more, since the last token is only predicted).
 */
public final class PairEncoder {
    /** How the two texts become one row of tokens. */
    public enum Rule {
        /**
         * Encoded together, spaces at the end of the context moved to the continuation, special tokens as the tokenizer
         * adds them; the continuation is what comes behind as many tokens as the context alone has. Harness 0.4.
         */
        TOGETHER,
        /** Each encoded for itself, without special tokens. Harness 0.3 and before, which LLM-Pruner's figures used. */
        APART
    }

    private final Tokenizer tokenizer;
    private final Rule rule;
    private final int maxPositions;

    public PairEncoder(Tokenizer tokenizer, Rule rule, int maxPositions) {
        this.tokenizer = tokenizer;
        this.rule = rule;
        this.maxPositions = maxPositions;
    }

    /**
     * @throws IllegalArgumentException if the context is empty, or the continuation is, or it alone is too long
     */
    public Span encode(Request request) {
        String context = PythonText.stripEnd(request.context());
        if (context.isEmpty()) {
            throw new IllegalArgumentException("the context before \"" + request.continuation() + "\" is empty");
        }
        Span span = switch (rule) {
            case TOGETHER -> together(context, request.context().substring(context.length()) + request
                    .continuation());
            case APART -> apart(tokenizer.encodePlain(request.context()), tokenizer.encodePlain(request
                    .continuation()));
        };
        if (span.targets() > maxPositions) {
            throw new IllegalArgumentException("a continuation of " + span.targets() + " tokens is longer than the "
                    + maxPositions + " positions of the model");
        }
        int[] tokens = span.tokens();
        int surplus = Math.max(0, tokens.length - (maxPositions + 1));
        return new Span(Arrays.copyOfRange(tokens, surplus, tokens.length), span.targets());
    }

    private Span together(String context, String continuation) {
        int[] whole = tokenizer.encode(context + continuation);
        return new Span(whole, whole.length - tokenizer.encode(context).length);
    }

    private static Span apart(int[] context, int[] continuation) {
        int[] whole = IntStream.concat(Arrays.stream(context), Arrays.stream(continuation)).toArray();
        return new Span(whole, continuation.length);
    }
}
