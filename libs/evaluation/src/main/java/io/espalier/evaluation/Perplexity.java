package io.espalier.evaluation;

import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.Span;
import io.espalier.evaluation.likelihood.SpanScorer;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.TokenScores;
import java.util.Arrays;
import java.util.List;

/**
 * {@code exp(nll / tokens)} over segments that know nothing of each other: in each segment of T tokens, T - 1 are
 * predicted. What the pruning papers call perplexity at 128 or 2048 (methods.md section 0); the segments come from
 * {@link io.espalier.model.text.Segments}. Segments that begin alike
 * are read apart too, in their order: what one scores does not depend on which others are asked for. Cross entropy in fp32, summed
 * in fp64 in the order of the segments.
 *
 * @param nll    negative log-likelihood of all predicted tokens, in nats
 * @param tokens predicted tokens
 */
public record Perplexity(double nll, long tokens) {
    /**
     * @param segments [segments][T]
     * @throws ArithmeticException if the model's output is not finite
     */
    public static Perplexity of(Model model, int[][] segments, Limits limits, Progress progress)
            throws InterruptedException {
        List<Span> spans = Arrays.stream(segments).map(Span::whole).toList();
        double nll = 0;
        for (TokenScores scores : SpanScorer.apart(model, limits).score(spans, progress)) {
            nll += scores.nll();
        }
        if (!Double.isFinite(nll)) {
            throw new ArithmeticException("the model's log-likelihood is not finite");
        }
        return new Perplexity(nll, spans.stream().mapToLong(Span::targets).sum());
    }

    public double value() {
        return Math.exp(nll / tokens);
    }
}
