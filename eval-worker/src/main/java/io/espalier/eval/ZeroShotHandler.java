package io.espalier.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.evaluation.Progress;
import io.espalier.evaluation.SampleLines;
import io.espalier.evaluation.WordPerplexity;
import io.espalier.evaluation.ZeroShot;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.PairEncoder;
import io.espalier.evaluation.task.Question;
import io.espalier.evaluation.task.Share;
import io.espalier.evaluation.task.TaskScore;
import io.espalier.evaluation.task.WikiText;
import io.espalier.evaluation.task.ZeroShotTask;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import io.espalier.model.weights.ContentDigest;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One task of lm-evaluation-harness on one model. Facts, by its names: {@code acc} and {@code acc_stderr};
 * {@code acc_norm} and {@code acc_norm_stderr} for tasks that have it; {@code acc_bytes} and {@code acc_bytes_stderr}
 * likewise; for wikitext {@code word_perplexity}, {@code byte_perplexity}, {@code bits_per_byte}; {@code n} questions or
 * pages, {@code version} of the task, {@code num_fewshot} 0, {@code dataDigest}, {@code tokenizerDigest}, {@code dtype} (of
 * the linear layers) and {@code tokenisation}. A standard error is absent for a single question. Output {@code samples}:
 * see {@link SampleLines}.
 */
final class ZeroShotHandler implements TaskHandler<Work.ZeroShot> {
    private final Models models;

    ZeroShotHandler(Models models) {
        this.models = models;
    }

    @Override
    public TaskResult run(Work.ZeroShot work, TaskContext context) throws Exception {
        Path data = Locations.existing("evaluation.tasks.data", work.task().data());
        int limit = work.task().limit() == null ? Integer.MAX_VALUE : work.task().limit();
        Limits limits = Limits.standard().dividedBy(context.microBatchDivisor());
        Path samples = context.scratch().resolve("samples.jsonl");
        Path folder = models.folder(work.model(), context);
        try (Model model = models.open(folder, work.dtype()); Tokenizer tokenizer = Tokenizer.open(folder)) {
            Progress progress = new Reported(context, work.task().name());
            ObjectNode facts;
            if (work.task().name().equals(WordPerplexity.TASK)) {
                List<WikiText> pages = WikiText.pages(Files.readString(data));
                WordPerplexity result = WordPerplexity.of(model, tokenizer, pages.subList(0, Math.min(limit, pages
                        .size())), limits, progress);
                SampleLines.write(result, samples);
                facts = facts(result);
            } else {
                ZeroShotTask task = ZeroShotTask.named(work.task().name());
                List<Question> questions = task.read(data, limit);
                var encoder = new PairEncoder(tokenizer, PairEncoder.Rule.TOGETHER, model.config().maxPositions());
                ZeroShot result = ZeroShot.of(model, encoder, task, questions, limits, progress);
                SampleLines.write(result, samples);
                facts = facts(result.score()).put("tokenisation", PairEncoder.Rule.TOGETHER.name());
            }
            facts.put("num_fewshot", 0).put("dataDigest", ContentDigest.ofFile(data)).put("tokenizerDigest", tokenizer
                    .digest()).put("dtype", work.dtype().safetensorsName());
            return new TaskResult(Map.of("samples", context.artifacts().putFile(samples)), facts);
        }
    }

    private static ObjectNode facts(WordPerplexity result) {
        return JsonNodeFactory.instance.objectNode().put("word_perplexity", result.perWord()).put("byte_perplexity",
                result.perByte()).put("bits_per_byte", result.bitsPerByte()).put("n", result.pages().size()).put(
                        "version", WordPerplexity.VERSION);
    }

    private static ObjectNode facts(TaskScore score) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("n", score.n()).put("version", score.task()
                .version());
        put(facts, "acc", score.acc());
        if (score.task().normalised()) {
            put(facts, "acc_norm", score.accNorm());
            put(facts, "acc_bytes", score.accBytes());
        }
        return facts;
    }

    private static void put(ObjectNode facts, String metric, Share share) {
        facts.put(metric, share.value());
        if (!Double.isNaN(share.stderr())) {
            facts.put(metric + "_stderr", share.stderr());
        }
    }
}
