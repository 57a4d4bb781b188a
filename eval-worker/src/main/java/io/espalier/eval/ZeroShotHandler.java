package io.espalier.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.evaluation.SampleLines;
import io.espalier.evaluation.ZeroShot;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.PairEncoder;
import io.espalier.evaluation.task.Question;
import io.espalier.evaluation.task.Share;
import io.espalier.evaluation.task.TaskScore;
import io.espalier.evaluation.task.ZeroShotTask;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * One zero-shot task on one model. Facts, by the names of lm-evaluation-harness: {@code acc} and {@code acc_stderr};
 * {@code acc_norm} and {@code acc_norm_stderr} for tasks that have it; {@code acc_bytes} and {@code acc_bytes_stderr}
 * likewise; {@code n} questions, {@code version} of the task, {@code num_fewshot} 0. A standard error is absent for a
 * single question. Output {@code samples}: see {@link SampleLines}.
 */
final class ZeroShotHandler implements TaskHandler<Work.ZeroShot> {
    private final Models models;

    ZeroShotHandler(Models models) {
        this.models = models;
    }

    @Override
    public TaskResult run(Work.ZeroShot work, TaskContext context) throws Exception {
        ZeroShotTask task = ZeroShotTask.named(work.task().name());
        int limit = work.task().limit() == null ? Integer.MAX_VALUE : work.task().limit();
        List<Question> questions = task.read(Locations.existing("evaluation.tasks.data", work.task().data()), limit);
        Path folder = models.folder(work.model(), context);
        try (Model model = models.open(folder); Tokenizer tokenizer = Tokenizer.open(folder)) {
            var encoder = new PairEncoder(tokenizer, PairEncoder.Rule.TOGETHER, model.config().maxPositions());
            ZeroShot result = ZeroShot.of(model, encoder, task, questions, Limits.standard().dividedBy(context
                    .microBatchDivisor()), new Reported(context, task.label()));
            Path samples = context.scratch().resolve("samples.jsonl");
            SampleLines.write(result, samples);
            return new TaskResult(Map.of("samples", context.artifacts().putFile(samples)), facts(result.score()));
        }
    }

    static ObjectNode facts(TaskScore score) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("n", score.n()).put("version", score.task()
                .version()).put("num_fewshot", 0);
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
