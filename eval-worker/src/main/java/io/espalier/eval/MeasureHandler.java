package io.espalier.eval;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.text.TokenFile;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.method.Compute;
import io.espalier.pruning.method.IterativeMethod;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.measure.Candidates;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * SEARCH, odd rounds: what candidates are worth, all of a task in one pass over the blocks. Facts: {@code values}, one per
 * candidate; one that came out as no number is the worst there is.
 */
public final class MeasureHandler implements TaskHandler<Work.Measure> {
    /** Activations between blocks, of all candidates together; more goes to disk. */
    private static final long BOUNDARY_BYTES = 512L << 20;
    /** Tokens in one forward pass, as far as whole sequences allow. */
    private static final int MICRO_BATCH_TOKENS = 1024;

    private final Models models;

    public MeasureHandler(Models models) {
        this.models = models;
    }

    @Override
    public TaskResult run(Work.Measure work, TaskContext context) throws Exception {
        if (!(Methods.named(work.request().method().name()) instanceof IterativeMethod method)) {
            throw new IllegalArgumentException("method.name: " + work.request().method().name()
                    + " does not decide by measured candidates");
        }
        Path folder = models.folder(work.model(), context);
        int[][] drawn = TokenFile.read(context.artifacts().file(work.calibration()));
        int wanted = method.measuredSequences(new MethodOptions(work.request().method().json()));
        int[][] samples = Arrays.copyOf(drawn, Math.min(wanted, drawn.length));
        int microBatch = Math.max(1, MICRO_BATCH_TOKENS / samples[0].length / context.microBatchDivisor());
        var compute = new Compute(models.device(), models.residentBytes(), BOUNDARY_BYTES, context.scratch());
        double[] values = new Candidates(folder, compute, samples, microBatch, progress(context)).measure(
                method.objective(), plans(work, context));
        return new TaskResult(Map.of(), facts(values));
    }

    private static List<PruningPlan> plans(Work.Measure work, TaskContext context) throws IOException {
        List<PruningPlan> plans = new ArrayList<>();
        for (ArtifactRef candidate : work.candidates()) {
            plans.add(Json.events().readValue(context.artifacts().file(candidate).toFile(), PruningPlan.class));
        }
        return plans;
    }

    private static ObjectNode facts(double[] values) {
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        ArrayNode array = facts.putArray("values");
        for (double value : values) {
            array.add(Double.isFinite(value) ? value : Double.MAX_VALUE);
        }
        return facts;
    }

    private static Progress progress(TaskContext context) {
        return new Progress() {
            @Override
            public void at(double done, String message) throws InterruptedException {
                context.progress(done, message);
            }

            @Override
            public void tokens(long count) {
                context.tokens(count);
            }
        };
    }
}
