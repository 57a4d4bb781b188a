package io.espalier.pruning.importance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.CrossEntropy;
import io.espalier.model.forward.Gradients;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.pruning.method.GradientPass;
import io.espalier.pruning.method.PassProgress;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.ScoringVisitor;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Statistics of the Taylor criteria: one streamed forward and backward pass of the next-token loss; the gradients of one
 * block at a time are reduced to sums of rows and columns and dropped.
 *
 * <p>Criteria whose sums add up over samples take the gradient of each sample by itself, so that it does not matter which
 * samples a task has; {@code param_first} needs the gradient of the mean over all samples only; {@code param_mix} needs
 * both, so two matrices of fp32 for each weight of a block (of all its blocks where a task has a range of layers beside
 * others). Channel-wise pruning takes the gradient of the mean, of the
 * weights around the blocks too.
 */
public final class GradientScoring {
    /** Number of samples behind the sums. */
    static final String SAMPLES = "samples";

    private final Criterion criterion;
    private final MemberStatistics wanted;

    public GradientScoring(Criterion criterion, MemberStatistics wanted) {
        this.criterion = criterion;
        this.wanted = wanted;
    }

    /** On a task's samples, in its micro-batches; criteria that need each sample's gradient take one at a time. */
    public Statistics run(ScoringTask task) throws InterruptedException {
        boolean batch = criterion == Criterion.PARAM_FIRST || wanted.isChannelWise();
        MicroBatches tokens = MicroBatches.of(task.samples(), batch ? task.microBatch() : 1);
        var pass = new GradientPass(tokens, new CrossEntropy(), batch ? Gradients.BATCH : Gradients.PER_SEQUENCE);
        Statistics statistics = pass.run(task, Visitor::new);
        if (task.covers(0)) { // the tasks of other layers have the same samples
            statistics.add(SAMPLES, batch ? 1 : task.samples().length); // a batch's gradient is a mean already
        }
        return statistics;
    }

    private final class Visitor implements ScoringVisitor {
        private final Model model;
        private final ScoringTask task;
        private final PassProgress progress;
        private final Statistics statistics;
        private final Map<Integer, Means> means = new HashMap<>();

        Visitor(Model model, ScoringTask task, PassProgress progress, Statistics statistics) {
            this.model = model;
            this.task = task;
            this.progress = progress;
            this.statistics = statistics;
        }

        @Override
        public boolean wants(int layer) {
            return wanted.wants(layer) && task.covers(layer);
        }

        @Override
        public boolean reaches(int layer) {
            return task.pipeline() == null ? wants(layer) : wanted.wants(layer);
        }

        @Override
        public PassProgress progress() {
            return progress;
        }

        @Override
        public void block(int layer, BlockWeights weights, BlockWeights gradients) {
            add(weights, gradients, null);
        }

        @Override
        public boolean wantsOuter() {
            return wanted.isChannelWise();
        }

        @Override
        public void outer(Role role, int firstRow, NDArray weight, NDArray gradient) {
            try (NDManager scope = model.newScope()) {
                wanted.addOuter(statistics, scope, role, new Saliency(criterion, weight, gradient, null));
            }
        }

        @Override
        public void sequence(int layer, int sequence, BlockWeights weights, BlockWeights gradients) {
            switch (criterion) {
                case VECTORIZE -> add(weights, gradients, null);
                case PARAM_SECOND -> {
                    try (NDManager scope = model.newScope()) {
                        add(weights, null, squares(scope, gradients));
                    }
                }
                case PARAM_MIX -> mix(layer, sequence, weights, gradients);
                default -> throw new IllegalStateException(criterion + " takes no gradient of single samples");
            }
        }

        private void mix(int layer, int sequence, BlockWeights weights, BlockWeights gradients) {
            int samples = task.samples().length;
            means.computeIfAbsent(layer, _ -> new Means(model.newScope(), weights, samples)).add(gradients);
            if (sequence == samples - 1) {
                try (Means complete = means.remove(layer)) {
                    add(weights, complete.gradients(), complete.squares());
                }
            }
        }

        private void add(BlockWeights weights, BlockWeights gradients, BlockWeights fishers) {
            try (NDManager scope = model.newScope()) {
                wanted.add(statistics, criterion, scope, weights, gradients, fishers);
            }
        }
    }

    private static BlockWeights squares(NDManager scope, BlockWeights gradients) {
        return gradients.map(gradient -> {
            NDArray square = gradient.mul(gradient);
            square.attach(scope);
            return square;
        });
    }

    /** Mean gradient and mean squared gradient of a block's weights over samples, fp32. */
    private static final class Means implements AutoCloseable {
        private final NDManager scope;
        private final BlockWeights gradients;
        private final BlockWeights squares;
        private final float share;

        Means(NDManager scope, BlockWeights like, int samples) {
            this.scope = scope;
            this.gradients = zeros(scope, like);
            this.squares = zeros(scope, like);
            this.share = 1f / samples;
        }

        void add(BlockWeights more) {
            more.arrays().forEach((role, gradient) -> {
                try (NDManager step = scope.newSubManager()) {
                    NDArray scaled = gradient.mul(share);
                    scaled.attach(step);
                    gradients.get(role).addi(scaled);
                    squares.get(role).addi(scaled.muli(gradient));
                }
            });
        }

        BlockWeights gradients() {
            return gradients;
        }

        BlockWeights squares() {
            return squares;
        }

        @Override
        public void close() {
            scope.close();
        }

        private static BlockWeights zeros(NDManager scope, BlockWeights like) {
            Map<Role, NDArray> zeros = new EnumMap<>(Role.class);
            like.arrays().forEach((role, array) -> zeros.put(role, scope.zeros(array.getShape())));
            return new BlockWeights(like.layer(), like.shape(), zeros);
        }
    }
}
