package io.espalier.pruning.method;

import io.espalier.model.forward.Gradients;
import io.espalier.model.forward.HeadObjective;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.PipelineRange;
import io.espalier.pruning.importance.Statistics;

/**
 * The backward pass of a task, whichever way it goes: as a range of layers beside those who have the others
 * (docs/decisions/0016), or alone over the whole model. Either way only the task's layers are handed out, with the same
 * numbers to the last bit.
 *
 * @param objective of the whole batch
 */
public record GradientPass(MicroBatches tokens, HeadObjective objective, Gradients kind) {
    /** Makes the visitor of one way. */
    @FunctionalInterface
    public interface Visitors {
        /**
         * @param task       as it goes this way: {@link ScoringTask#pipeline} tells which it is
         * @param statistics to be filled
         */
        ScoringVisitor of(Model model, ScoringTask task, PassProgress progress, Statistics statistics);
    }

    /** Beside its neighbours where the task has some; alone, from the start, if they do not come. */
    public Statistics run(ScoringTask task, Visitors visitors) throws InterruptedException {
        Statistics statistics = new Statistics();
        if (task.pipeline() != null && beside(task, visitors, statistics)) {
            return statistics;
        }
        return alone(task.alone(), visitors);
    }

    private boolean beside(ScoringTask task, Visitors visitors, Statistics statistics) throws InterruptedException {
        PipelineRange range = task.pipeline();
        try (Model model = Model.streamed(task.model(), task.compute().device())) {
            long steps = 2L * tokens.count() * (range.to() - range.from());
            ScoringVisitor visitor = visitors.of(model, task, progress(task, model, steps), statistics);
            return PassProgress.run(() -> task.compute().streamer(model).backward(range, tokens, objective, kind,
                    tokens.sequences(), visitor));
        }
    }

    private Statistics alone(ScoringTask task, Visitors visitors) throws InterruptedException {
        Statistics statistics = new Statistics();
        try (Model model = task.compute().open(task.model())) {
            long steps = tokens.count() * (2L * model.config().layers().size() - task.fromLayer());
            ScoringVisitor visitor = visitors.of(model, task, progress(task, model, steps), statistics);
            PassProgress.run(() -> task.compute().streamer(model).backward(tokens, objective, kind,
                    tokens.sequences(), visitor, task.checkpoints(statistics)));
        }
        return statistics;
    }

    private PassProgress progress(ScoringTask task, Model model, long steps) {
        return new PassProgress(task.progress(), steps, tokensOf(task, model.config().layers().size()));
    }

    /** The task's share of them, so that the tasks of a pass have worked on each token once. */
    private long tokensOf(ScoringTask task, int layers) {
        long all = (long) tokens.sequences() * tokens.get(0)[0].length;
        return all * task.toLayer() / layers - all * task.fromLayer() / layers;
    }
}
