package io.espalier.coordinator.job;

import io.espalier.protocol.message.StageName;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.PruningRequest;
import java.util.ArrayList;
import java.util.List;

/** The stages of a job as data, made from the request. */
final class Pipeline {
    /** @param step of an iterative pruning, from 1 */
    record Step(StageName name, int step) {}

    private Pipeline() {}

    static List<Step> of(PruningRequest request) {
        var stages = new ArrayList<Step>();
        if (request.select() != null) {
            stages.addAll(prepared(request, 1));
            stages.add(new Step(StageName.SELECT, 1));
            stages.add(new Step(StageName.SLICE, 1));
            return after(stages, request);
        }
        for (int step = 1; step <= steps(request); step++) {
            stages.addAll(prepared(request, step));
            stages.add(new Step(StageName.SCORE, step));
            stages.add(new Step(request.method().searches() ? StageName.SEARCH : StageName.RANK, step));
            stages.add(new Step(StageName.SLICE, step));
        }
        return after(stages, request);
    }

    /** What a target in time needs is measured once. */
    private static List<Step> prepared(PruningRequest request, int step) {
        Step prepare = new Step(StageName.PREPARE, step);
        return step == 1 && request.targetsLatency()
                ? List.of(prepare, new Step(StageName.TIME, step))
                : List.of(prepare);
    }

    /** What follows once a model is pruned. */
    private static List<Step> after(List<Step> stages, PruningRequest request) {
        if (request.recovery() != null) {
            stages.add(new Step(StageName.RECOVER, 1));
        }
        if (measures(request)) {
            stages.add(new Step(StageName.EVALUATE, 1));
        }
        stages.add(new Step(StageName.REPORT, 1));
        return stages;
    }

    /** How often statistics, plan and slice are made anew; more than once only where the method asks for it. */
    static int steps(PruningRequest request) {
        return request.method().has("iterativeSteps") ? Math.max(1, request.method().integer("iterativeSteps")) : 1;
    }

    private static boolean measures(PruningRequest request) {
        Evaluation evaluation = request.evaluation();
        return request.targetsLatency() || evaluation != null
                && (evaluation.cost() || !evaluation.perplexity().isEmpty() || !evaluation.tasks().isEmpty());
    }
}
