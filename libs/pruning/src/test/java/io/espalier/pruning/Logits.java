package io.espalier.pruning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.LayerShape;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.nio.file.Path;
import java.util.List;

/** Logits of a model as it is, and of a model from which units are masked out. */
public final class Logits {
    private Logits() {}

    /** All logits of one micro-batch, row by row. */
    public static float[] of(Path folder, int[][] tokens) {
        return of(folder, tokens, null);
    }

    /** With the inputs of o_proj and down_proj that a plan removes set to zero; dropped layers lose all of them. */
    public static float[] masked(Path folder, int[][] tokens, PruningPlan plan) {
        return of(folder, tokens, plan);
    }

    private static float[] of(Path folder, int[][] tokens, PruningPlan plan) {
        try (Model model = Model.streamed(folder, Device.cpu());
                ActivationStream stream = new Streamer(model).stream(MicroBatches.of(tokens, tokens.length));
                NDManager scope = model.newScope()) {
            for (int layer = 0; layer < model.config().layers().size(); layer++) {
                BlockHooks hooks = plan == null ? BlockHooks.NONE : hooks(scope, model, layer, plan);
                try (NDManager block = model.newScope()) {
                    stream.advance(model.block(block, layer), _ -> hooks);
                }
            }
            NDArray x = stream.activation(scope, 0);
            return model.head().logits(x.reshape(-1, model.config().hiddenSize())).toFloatArray();
        }
    }

    private static BlockHooks hooks(NDManager scope, Model model, int layer, PruningPlan plan) {
        LayerShape shape = model.config().layers().get(layer);
        LayerPlan kept = plan.layers().stream().filter(l -> l.layer() == layer).findFirst()
                .orElse(LayerPlan.of(layer, shape.groupSize(), List.of(), List.of()));
        NDArray attention = scope
                .create(mask(kept.keptQueryHeads(), model.config().headDim(), shape.queryHeads()));
        NDArray mlp = scope.create(mask(kept.keptChannels(), 1, shape.channels()));
        return new BlockHooks() {
            @Override
            public NDArray input(Site site, NDArray x) {
                return switch (site) {
                    case O_INPUT -> x.mul(attention);
                    case DOWN_INPUT -> x.mul(mlp);
                    default -> x;
                };
            }
        };
    }

    private static float[] mask(List<Integer> kept, int width, int count) {
        float[] mask = new float[count * width];
        kept.forEach(unit -> java.util.Arrays.fill(mask, unit * width, (unit + 1) * width, 1));
        return mask;
    }
}
