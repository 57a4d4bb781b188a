package io.espalier.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.evaluation.Perplexity;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Segments;
import io.espalier.model.text.TextSource;
import io.espalier.model.text.Tokenizer;
import io.espalier.model.weights.ContentDigest;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.nio.file.Path;
import java.util.Map;

/**
 * Perplexity of one model by one protocol. Facts: {@code perplexity}, {@code nll} (sum, nats), {@code tokens} (predicted
 * ones), and what makes the number comparable: {@code length}, {@code segments}, {@code textDigest},
 * {@code tokenizerDigest}, {@code bosRule}, {@code dtype} (of the linear layers).
 */
public final class PerplexityHandler implements TaskHandler<Work.Perplexity> {
    private final Models models;

    public PerplexityHandler(Models models) {
        this.models = models;
    }

    @Override
    public TaskResult run(Work.Perplexity work, TaskContext context) throws Exception {
        Evaluation.Perplexity protocol = work.protocol();
        Path folder = models.folder(work.model(), context);
        Path text = Locations.existing("evaluation.perplexity.text", protocol.text());
        check(protocol, ModelConfig.read(folder).maxPositions());
        try (Tokenizer tokenizer = Tokenizer.open(folder)) {
            int[][] segments = Share.of(Segments.cut(tokenizer, TextSource.read(text), protocol.length(), protocol
                    .segments()), work.part());
            ObjectNode facts = JsonNodeFactory.instance.objectNode();
            if (segments.length == 0) {
                facts.put("nll", 0.0).put("tokens", 0);
            } else {
                Perplexity perplexity = measure(work, folder, segments, context);
                facts.put("perplexity", perplexity.value()).put("nll", perplexity.nll()).put("tokens", perplexity
                        .tokens());
            }
            facts.put("length", protocol.length()).put("segments", segments.length)
                    .put("textDigest", ContentDigest.ofFile(text)).put("tokenizerDigest", tokenizer.digest())
                    .put("bosRule", tokenizer.bosRule().name()).put("dtype", work.dtype().safetensorsName());
            return new TaskResult(Map.of(), facts);
        }
    }

    private Perplexity measure(Work.Perplexity work, Path folder, int[][] segments, TaskContext context)
            throws InterruptedException, PermanentFailureException {
        try (Model model = models.open(folder, work.dtype())) {
            return Perplexity.of(model, segments, Limits.standard().dividedBy(context.microBatchDivisor()),
                    new Reported(context, work.protocol().key()));
        }
    }

    private static void check(Evaluation.Perplexity protocol, int maxPositions) throws PermanentFailureException {
        if (protocol.length() > maxPositions) {
            throw new PermanentFailureException("evaluation.perplexity '" + protocol.name() + "': length " + protocol
                    .length() + " is more than the " + maxPositions + " positions of the model; use at most that");
        }
    }
}
