package io.espalier.evaluation;

import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.RollingWindows;
import io.espalier.evaluation.likelihood.Span;
import io.espalier.evaluation.likelihood.SpanScorer;
import io.espalier.evaluation.task.WikiText;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.TokenScores;
import io.espalier.model.text.Tokenizer;
import java.util.ArrayList;
import java.util.List;

/**
 * lm-evaluation-harness's task {@code wikitext}: all tokens of each page are predicted in rolling windows as long as the
 * model allows, and the log-likelihood is divided by words or bytes, which makes models with different tokenizers
 * comparable.
 *
 * @param nll negative log-likelihood of all pages, in nats
 */
public record WordPerplexity(double nll, long words, long bytes) {
    /** Version of the task in the harness. */
    public static final String VERSION = "2.0";

    public static WordPerplexity of(Model model, Tokenizer tokenizer, List<WikiText> pages, Limits limits,
            Progress progress) throws InterruptedException {
        ModelConfig config = model.config();
        List<Span> spans = new ArrayList<>();
        for (WikiText page : pages) {
            spans.addAll(RollingWindows.of(tokenizer.encode(page.text()), prefix(config), config.maxPositions()));
        }
        double nll = 0;
        for (TokenScores scores : new SpanScorer(model, limits).score(spans, progress)) {
            nll += scores.nll();
        }
        return new WordPerplexity(nll, pages.stream().mapToLong(WikiText::words).sum(), pages.stream().mapToLong(
                WikiText::bytes).sum());
    }

    /** {@code word_perplexity}. */
    public double perWord() {
        return Math.exp(nll / words);
    }

    /** {@code byte_perplexity}. */
    public double perByte() {
        return Math.exp(nll / bytes);
    }

    /** {@code bits_per_byte}. */
    public double bitsPerByte() {
        return nll / bytes / Math.log(2);
    }

    /** What stands before the first token: BOS, or EOS where there is none. */
    private static int prefix(ModelConfig config) {
        return config.bosId() != null ? config.bosId() : config.eosIds().getFirst();
    }
}
