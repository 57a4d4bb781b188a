package io.espalier.pruning.importance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.forward.Model;
import io.espalier.pruning.method.Progress;

/** Statistics of the criteria that look at the weights alone: each layer is read once, layers may be sharded. */
public final class WeightScoring {
    private static final long PIECE_ELEMENTS = 1 << 24;

    private final Model model;
    private final Criterion criterion;
    private final MemberStatistics wanted;

    public WeightScoring(Model model, Criterion criterion, MemberStatistics wanted) {
        this.model = model;
        this.criterion = criterion;
        this.wanted = wanted;
    }

    /** Layers {@code from} to {@code to}, exclusive; who has the first layer also has the weights around the blocks. */
    public Statistics run(int from, int to, Progress progress) throws InterruptedException {
        Statistics statistics = new Statistics();
        if (from == 0 && wanted.isChannelWise()) {
            model.config().tensors().stream().filter(tensor -> tensor.layer() < 0)
                    .forEach(tensor -> addOuter(statistics, tensor));
        }
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

    private void addOuter(Statistics statistics, TensorSpec tensor) {
        long columns = tensor.columns() == null ? 1 : model.config().hiddenSize();
        long step = Math.max(1, PIECE_ELEMENTS / columns);
        for (long row = 0; row < tensor.rows(); row += step) {
            try (NDManager scope = model.newScope()) {
                NDArray piece = model.checkpoint().load(scope, tensor, row, Math.min(step, tensor.rows() - row));
                wanted.addOuter(statistics, scope, tensor.parts().getFirst().role(), Saliency.of(criterion, piece));
            }
        }
        model.checkpoint().unload(tensor);
    }
}
