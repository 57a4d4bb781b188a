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
import java.util.Iterator;
import java.util.List;

/**
 * lm-evaluation-harness's task {@code wikitext}: all tokens of each page are predicted in rolling windows as long as the
 * model allows, and the log-likelihood is divided by words or bytes, which makes models with different tokenizers
 * comparable.
 */
public record WordPerplexity(List<Page> pages) {
    /** Name of the task in the harness. */
    public static final String TASK = "wikitext";
    /** Version of the task in the harness. */
    public static final String VERSION = "2.0";

    public WordPerplexity {
        pages = List.copyOf(pages);
    }

    /** @param nll negative log-likelihood of the whole page, in nats */
    public record Page(WikiText text, double nll) {}

    /** @throws ArithmeticException if the model's output is not finite */
    public static WordPerplexity of(Model model, Tokenizer tokenizer, List<WikiText> pages, Limits limits,
            Progress progress) throws InterruptedException {
        ModelConfig config = model.config();
        List<Span> spans = new ArrayList<>();
        List<Integer> windows = new ArrayList<>();
        for (WikiText page : pages) {
            List<Span> rolling = RollingWindows.of(tokenizer.encode(page.text()), prefix(config), config
                    .maxPositions());
            spans.addAll(rolling);
            windows.add(rolling.size());
        }
        Iterator<TokenScores> scores = new SpanScorer(model, limits).score(spans, progress).iterator();
        List<Page> scored = new ArrayList<>();
        for (int i = 0; i < pages.size(); i++) {
            double nll = 0;
            for (int window = 0; window < windows.get(i); window++) {
                nll += scores.next().nll();
            }
            if (!Double.isFinite(nll)) {
                throw new ArithmeticException("the model's log-likelihood of page " + i + " is not finite");
            }
            scored.add(new Page(pages.get(i), nll));
        }
        return new WordPerplexity(scored);
    }

    /** {@code word_perplexity}. */
    public double perWord() {
        return Math.exp(nll() / pages.stream().mapToLong(page -> page.text().words()).sum());
    }

    /** {@code byte_perplexity}. */
    public double perByte() {
        return Math.exp(nll() / bytes());
    }

    /** {@code bits_per_byte}. */
    public double bitsPerByte() {
        return nll() / bytes() / Math.log(2);
    }

    private double nll() {
        return pages.stream().mapToDouble(Page::nll).sum();
    }

    private long bytes() {
        return pages.stream().mapToLong(page -> page.text().bytes()).sum();
    }

    /** What stands before the first token: BOS, or EOS where there is none. */
    private static int prefix(ModelConfig config) {
        return config.bosId() != null ? config.bosId() : config.eosIds().getFirst();
    }
}
