package io.espalier.eval;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.evaluation.cost.Cost;
import io.espalier.evaluation.cost.CostMeter;
import io.espalier.evaluation.cost.Latency;
import io.espalier.evaluation.cost.Macs;
import io.espalier.evaluation.cost.MemoryGauge;
import io.espalier.evaluation.cost.Timing;
import io.espalier.model.weights.Checkpoint;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * What all models of a job cost, side by side. Facts: per subject {@code parameters} (a tied head once), {@code bytes} (as
 * stored), {@code macs64} (see {@link Macs}), {@code cost: {prefillMillis, decodeMillisPerToken, prefillQuartiles, prefillStandardError, decodeQuartiles,
 * decodeStandardError, rounds, peakMemoryBytes}} (see {@link CostMeter}; medians, the first and third quartile of the same
 * rounds and the standard error of the median).
 */
final class CostHandler implements TaskHandler<Work.Cost> {
    private static final int MACS_TOKENS = 64;

    private final Models models;
    private final MemoryGauge gauge;

    CostHandler(Models models, MemoryGauge gauge) {
        this.models = models;
        this.gauge = gauge;
    }

    @Override
    public TaskResult run(Work.Cost work, TaskContext context) throws Exception {
        Map<Subject, Path> folders = new EnumMap<>(Subject.class);
        for (Map.Entry<Subject, ModelSource> model : work.models().entrySet()) {
            folders.put(model.getKey(), models.folder(model.getValue(), context));
        }
        ObjectNode facts = JsonNodeFactory.instance.objectNode();
        folders.forEach((subject, folder) -> facts.set(subject.label(), sizes(folder)));
        var meter = new CostMeter(models.device(), models.residentBytes(), gauge, CostMeter.Plan.standard());
        meter.measure(folders, new Reported(context, "cost")).forEach((subject, cost) -> facts.withObject("/" + subject
                .label()).set("cost", json(cost)));
        return new TaskResult(Map.of(), facts);
    }

    private static ObjectNode sizes(Path folder) {
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return JsonNodeFactory.instance.objectNode().put("parameters", checkpoint.config().parameters()).put(
                    "bytes", checkpoint.bytes()).put("macs64", Macs.of(checkpoint.config(), MACS_TOKENS).total());
        }
    }

    private static ObjectNode json(Cost cost) {
        Latency latency = cost.latency();
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("prefillMillis", latency.prefill().median()).put(
                "decodeMillisPerToken", latency.decode().median());
        spread(json, "prefill", latency.prefill());
        spread(json, "decode", latency.decode());
        return json.put("rounds", latency.rounds()).put("peakMemoryBytes", cost.peakMemoryBytes());
    }

    private static void spread(ObjectNode json, String phase, Timing timing) {
        json.putArray(phase + "Quartiles").add(timing.firstQuartile()).add(timing.thirdQuartile());
        json.put(phase + "StandardError", timing.standardError());
    }
}
