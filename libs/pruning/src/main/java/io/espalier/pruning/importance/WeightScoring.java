package io.espalier.pruning.importance;

import ai.djl.ndarray.NDManager;
import io.espalier.model.forward.Model;
import io.espalier.pruning.method.Progress;

/** Statistics of the criteria that look at the weights alone: each layer is read once, layers may be sharded. */
public final class WeightScoring {
    private final Model model;
    private final Criterion criterion;
    private final MemberStatistics wanted;

    public WeightScoring(Model model, Criterion criterion, MemberStatistics wanted) {
        this.model = model;
        this.criterion = criterion;
        this.wanted = wanted;
    }

    /** Layers {@code from} to {@code to}, exclusive. */
    public Statistics run(int from, int to, Progress progress) throws InterruptedException {
        Statistics statistics = new Statistics();
        for (int layer = from; layer < to; layer++) {
            if (wanted.wants(layer)) {
                try (NDManager scope = model.newScope()) {
                    wanted.add(statistics, criterion, scope, model.block(scope, layer), null, null);
                }
                model.release(layer);
            }
            progress.at((layer + 1.0 - from) / (to - from), null);
        }
        return statistics;
    }
}
