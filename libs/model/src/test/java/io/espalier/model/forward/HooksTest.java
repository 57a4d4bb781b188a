package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.Golden;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HooksTest {
    private static final int[][] TOKENS = {{1, 403, 407, 261, 378}, {1, 432, 383, 286, 261}};

    @Test
    void everySiteIsSeenWithItsShape() {
        try (Model model = Model.streamed(Golden.STORIES, Device.cpu())) {
            Map<BlockHooks.Site, Shape> shapes = new EnumMap<>(BlockHooks.Site.class);
            BlockHooks watch = new BlockHooks() {
                @Override
                public NDArray input(Site site, NDArray x) {
                    shapes.put(site, x.getShape());
                    return x;
                }
            };

            new Streamer(model).forward(MicroBatches.of(TOKENS, 2), visitor(watch));

            assertThat(shapes).containsEntry(BlockHooks.Site.QKV_INPUT, new Shape(2, 5, 64))
                    .containsEntry(BlockHooks.Site.O_INPUT, new Shape(2, 5, 64))
                    .containsEntry(BlockHooks.Site.GATE_UP_INPUT, new Shape(2, 5, 64))
                    .containsEntry(BlockHooks.Site.DOWN_INPUT, new Shape(2, 5, 172));
        }
    }

    @Test
    void aMaskOfOnesChangesNothingAndOneOfZerosDoes() {
        try (Model model = Model.streamed(Golden.STORIES, Device.cpu()); NDManager scope = model.newScope()) {
            NDArray zeros = scope.zeros(new Shape(172));

            double plain = nll(model, BlockHooks.NONE);
            double kept = nll(model, mask(scope.ones(new Shape(172))));
            double cut = nll(model, mask(zeros));

            assertThat(kept).isEqualTo(plain);
            assertThat(cut).isNotEqualTo(plain).isFinite();
        }
    }

    /** Results belong to the manager of their left operand: here a pass over all blocks must leave nothing behind. */
    @Test
    void aPassLeavesNoArrayBehind() {
        try (Model model = Model.streamed(Golden.STORIES, Device.cpu())) {
            NDManager probe = model.newScope();
            NDManager parent = probe.getParentManager();
            probe.close();
            int before = parent.getManagedArrays().size();

            new Streamer(model).scores(MicroBatches.of(TOKENS, 1), ForwardVisitor.NONE);
            new Streamer(model).backward(MicroBatches.of(TOKENS, 1), new CrossEntropy(), Gradients.BATCH, 2,
                    new GradientVisitor() {
                        @Override
                        public boolean wantsOuter() {
                            return true;
                        }
                    });

            assertThat(parent.getManagedArrays()).hasSize(before);
        }
    }

    private static double nll(Model model, BlockHooks hooks) {
        return new Streamer(model).scores(MicroBatches.of(TOKENS, 2), visitor(hooks)).stream()
                .mapToDouble(TokenScores::nll).sum();
    }

    private static BlockHooks mask(NDArray mask) {
        return new BlockHooks() {
            @Override
            public NDArray input(Site site, NDArray x) {
                return site == Site.DOWN_INPUT ? x.mul(mask) : x;
            }
        };
    }

    private static ForwardVisitor visitor(BlockHooks hooks) {
        return new ForwardVisitor() {
            @Override
            public BlockHooks hooks(int layer, int microBatch) {
                return hooks;
            }
        };
    }
}
