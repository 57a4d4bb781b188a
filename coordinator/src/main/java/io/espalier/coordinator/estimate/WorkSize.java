package io.espalier.coordinator.estimate;

import io.espalier.protocol.message.StageName;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.Recovery;
import io.espalier.protocol.topic.Json;

/**
 * What a stage has to do, so that the time one took tells the time another will take.
 *
 * @param alike     equal for stages that do the same on models of any size
 * @param similar   equal for stages that do much the same
 * @param units     amount of work; time grows with it
 */
record WorkSize(String alike, String similar, double units) {
    /** @param parameters of the original checkpoint */
    static WorkSize of(PruningRequest request, StageName stage, long parameters) {
        String method = request.method().name();
        return switch (stage) {
            case PREPARE, SLICE -> new WorkSize(stage + text(request.method()), stage + "", parameters);
            case TIME -> new WorkSize("TIME", "TIME", parameters);
            case RANK -> new WorkSize(stage + text(request.method()), stage + method, parameters);
            case SCORE, SEARCH -> new WorkSize(stage + text(request.method()), stage + method, parameters
                    * (double) Math.max(1, request.calibration().samples()) * Math.max(1, request.calibration()
                            .length()));
            case SELECT -> new WorkSize(stage + text(request.select()) + text(request.method()), stage + "", parameters
                    * (double) request.select().candidates());
            case RECOVER -> recover(request.recovery().lora(), parameters);
            case EVALUATE -> evaluate(request, parameters);
            case REPORT -> new WorkSize(stage + text(request.output().formats()), stage + "", parameters);
        };
    }

    private static WorkSize recover(Recovery.Lora lora, long parameters) {
        double tokens = (double) lora.batch() * lora.maxLength();
        boolean counted = lora.steps() != null;
        return new WorkSize("RECOVER" + lora.data() + lora.microBatch() + (counted ? "" : text(lora)), counted
                ? "RECOVER steps"
                : "RECOVER epochs", parameters * tokens * (counted ? lora.steps() : lora.epochs()));
    }

    private static WorkSize evaluate(PruningRequest request, long parameters) {
        var evaluation = request.evaluation();
        int models = request.recovery() == null ? 2 : 3;
        int measurements = evaluation.perplexity().size() + evaluation.tasks().size() + (evaluation.cost() ? 1 : 0);
        return new WorkSize("EVALUATE" + text(evaluation), "EVALUATE", (double) parameters * models * measurements);
    }

    private static String text(Object part) {
        return Json.events().valueToTree(part).toString();
    }
}
