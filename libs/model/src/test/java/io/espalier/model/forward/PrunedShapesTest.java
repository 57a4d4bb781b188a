package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.Golden;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.TensorHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose layers differ, down to layers without attention or MLP, is read by its manifest. */
class PrunedShapesTest {
    private static final int[][] TOKENS = {{1, 403, 407, 261, 378, 432, 383, 286, 261, 376}};

    @TempDir
    private Path folder;

    @Test
    void layersWithoutAttentionOrMlpPassTheirInputOn() throws IOException {
        writePruned();

        double expected = nll(Golden.STORIES, new ForwardVisitor() {
            @Override
            public BlockHooks hooks(int layer, int microBatch) {
                return layer == 2
                        ? cut(BlockHooks.Site.DOWN_INPUT)
                        : layer == 3 ? cut(BlockHooks.Site.O_INPUT) : BlockHooks.NONE;
            }
        });

        assertThat(nll(folder, ForwardVisitor.NONE)).isCloseTo(expected, within(1e-6));
    }

    @Test
    void gradientsReachTheFirstLayerThroughThem() throws IOException {
        writePruned();
        List<Integer> layers = new ArrayList<>();
        try (Model model = Model.streamed(folder, Device.cpu())) {
            new Streamer(model).backward(MicroBatches.of(TOKENS, 1), new CrossEntropy(), Gradients.BATCH, 1,
                    new GradientVisitor() {
                        @Override
                        public void block(int layer, BlockWeights weights, BlockWeights gradients) {
                            layers.add(layer);
                            gradients.arrays().values()
                                    .forEach(g -> assertThat(g.abs().sum().getFloat()).isPositive());
                        }
                    });
        }
        assertThat(layers).containsExactly(4, 3, 2, 1, 0);
    }

    private void writePruned() throws IOException {
        Files.copy(Golden.STORIES.resolve("config.json"), folder.resolve("config.json"));
        String whole = "{\"queryHeads\": 8, \"kvGroups\": 4, \"channels\": 172}";
        Files.writeString(folder.resolve(ModelConfig.MANIFEST), """
                {"layers": [%1$s, %1$s, {"queryHeads": 8, "kvGroups": 4, "channels": 0},
                            {"queryHeads": 0, "kvGroups": 0, "channels": 172}, %1$s]}""".formatted(whole));
        ModelConfig config = ModelConfig.read(folder);
        assertThat(config.layers().get(3)).isEqualTo(new LayerShape(0, 0, 172));
        List<TensorHeader> headers = config.tensors().stream()
                .map(t -> new TensorHeader(t.name(), config.dtype(), config.shape(t))).toList();
        try (Checkpoint original = Checkpoint.open(Golden.STORIES);
                var writer = CheckpointWriter.create(folder, headers, Long.MAX_VALUE)) {
            for (TensorSpec tensor : config.tensors()) {
                writer.append(tensor.name(), original.segment(tensor));
            }
            writer.commit();
        }
    }

    private static double nll(Path model, ForwardVisitor visitor) {
        try (Model opened = Model.streamed(model, Device.cpu())) {
            return new Streamer(opened).scores(MicroBatches.of(TOKENS, 1), visitor).getFirst().nll();
        }
    }

    private static BlockHooks cut(BlockHooks.Site cut) {
        return new BlockHooks() {
            @Override
            public NDArray input(Site site, NDArray x) {
                if (site != cut) {
                    return x;
                }
                NDManager scope = x.getManager();
                return x.mul(scope.zeros(new Shape(x.getShape().get(2))));
            }
        };
    }
}
