package io.espalier.scoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.Latency;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.latency.LatencyModel;
import io.espalier.pruning.latency.LatencySelector;
import io.espalier.pruning.latency.LatencyTable;
import io.espalier.pruning.latency.Widths;
import io.espalier.pruning.method.PruningMethod;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.plan.PruningPlan;

/**
 * RANK for {@code target.latency}: the largest plan of the method whose predicted time is within the target.
 *
 * @param most milliseconds
 */
record TimedRanking(LatencyTable table, LatencyModel model, Latency target, ModelShape original, double most) {
    static TimedRanking of(LatencyTable table, Latency target, ModelShape original) {
        LatencyModel model = LatencyModel.fit(table, phase(target));
        double most = target.relative()
                ? target.limit() * model.predict(Widths.of(original))
                : target.limit();
        return new TimedRanking(table, model, target, original, most);
    }

    /** Of an iterative pruning every step saves its part of the time. */
    LatencySelector.Found rank(PruningMethod method, RankingTask task) {
        double whole = predict(original);
        double now = whole - (whole - most) * task.step() / task.steps();
        return new LatencySelector(original, model, now).select(share -> method.rank(task.withTarget(share)));
    }

    /** {@code latency} of report.json's plan, before the result is measured. */
    ObjectNode facts(PruningPlan plan) {
        double whole = predict(original);
        double predicted = predict(plan.shape(original));
        ObjectNode facts = JsonNodeFactory.instance.objectNode().put("phase", target.phase().label())
                .put("targetMillis", most).put("targetShare", most / whole).put("relative", target.relative())
                .put("originalMillis", whole).put("predictedMillis", predicted)
                .put("predictedShare", predicted / whole).put("device", table.device()).put("threads", table.threads())
                .put("promptTokens", table.prompt()).put("rounds", table.rounds());
        facts.putObject("model").put("base", model.base()).put("layer", model.layer()).put("kvGroup", model.kvGroup())
                .put("channel", model.channel()).put("largestError", model.largestError());
        variants(facts.putArray("variants"));
        return facts;
    }

    private void variants(ArrayNode array) {
        for (LatencyTable.Variant variant : table.variants()) {
            Widths widths = variant.widths();
            LatencyTable.Timing timing = variant.of(phase(target));
            array.addObject().put("layers", widths.layers()).put("kvGroups", widths.kvGroups())
                    .put("channels", widths.channels()).put("millis", timing.median())
                    .put("fittedMillis", model.predict(widths))
                    .putArray("quartiles").add(timing.firstQuartile()).add(timing.thirdQuartile());
        }
    }

    private double predict(ModelShape shape) {
        return model.predict(Widths.of(shape));
    }

    private static LatencyTable.Phase phase(Latency target) {
        return LatencyTable.Phase.valueOf(target.phase().name());
    }
}
