package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Against one record of the whole block by autograd, in sizes that go to oneDNN where the processor prefers it. (Golden
 * gradients have every family, all of them small.)
 */
class BlockGraphTest {
    private static final double ROUNDING = 2e-5;
    private static final int LENGTH = 128;
    private static final int SEQUENCES = 2;
    private static final String CONFIG = """
            {"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu", "hidden_size": 512,
             "intermediate_size": 1024, "num_attention_heads": 8, "num_hidden_layers": 1, "num_key_value_heads": 4,
             "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "tie_word_embeddings": false, "vocab_size": 64,
             "torch_dtype": "float32"}""";

    @TempDir
    private Path folder;
    private ModelConfig config;
    private NDManager scope;
    private BlockWeights weights;
    private Positions positions;
    private NDArray upstream;
    private NDArray x;
    private NDArray input; // the same numbers, for autograd

    /** Everything in autograd's record. */
    private static final LinearLayers RECORDED = new LinearLayers() {
        @Override
        public NDArray enter(NDArray x) {
            return x;
        }

        @Override
        public NDArray apply(Role role, NDArray x, BlockWeights weights) {
            return JniUtils.linear((PtNDArray) x, (PtNDArray) weights.get(role),
                    (PtNDArray) weights.find(role.bias()));
        }
    };

    @BeforeEach
    void draw() throws IOException {
        Files.writeString(folder.resolve("config.json"), CONFIG);
        config = ModelConfig.read(folder);
        scope = Torch.newManager(Device.cpu());
        weights = random();
        positions = new Positions(scope, config, 0, LENGTH);
        upstream = activations();
        x = activations();
        input = leaf(x);
    }

    @AfterEach
    void close() {
        scope.close();
    }

    @Test
    void gradientsAreThoseOfAutograd() {
        BlockWeights leaves = weights.map(BlockGraphTest::leaf);
        NDArray output = Torch.withGradients(() -> block(input, leaves, BlockHooks.NONE, RECORDED));
        Torch.backward(output, upstream);

        try (var collecting = new WeightGradients(scope, weights, true);
                var graph = BlockGraph.record(x, scope,
                        (in, linears) -> block(in, collecting.weights(), BlockHooks.NONE, linears))) {
            assertThat(distance(graph.output(), output)).isLessThan(ROUNDING);
            assertThat(distance(graph.back(upstream, scope, collecting), input.getGradient())).isLessThan(ROUNDING);
            Map<Role, NDArray> collected = collecting.collected().arrays();
            assertThat(collected.keySet()).isEqualTo(weights.arrays().keySet()).contains(Role.Q_BIAS);
            collected.forEach((role, gradient) -> assertThat(distance(gradient, leaves.get(role).getGradient()))
                    .as(role.name()).isLessThan(ROUNDING));
        }
    }

    /** What hooks add to a layer's output has weights of its own, in autograd's hands. */
    @Test
    void whatHooksAddGoesBackToo() {
        NDArray initial = scope.randomNormal(new Shape(1024, 512)).mul(0.05);
        NDArray expected = leaf(initial);
        Torch.backward(Torch.withGradients(() -> block(input, weights, adding(expected), RECORDED)), upstream);

        NDArray added = leaf(initial);
        try (var frozen = new WeightGradients(scope, weights, false);
                var graph = BlockGraph.record(x, scope,
                        (in, linears) -> block(in, frozen.weights(), adding(added), linears))) {
            assertThat(distance(graph.back(upstream, scope, frozen), input.getGradient())).isLessThan(ROUNDING);
            assertThat(distance(added.getGradient(), expected.getGradient())).isLessThan(ROUNDING);
        }
    }

    private NDArray block(NDArray in, BlockWeights own, BlockHooks hooks, LinearLayers linears) {
        return new DecoderBlock(config).forward(in, own, positions, hooks, linears);
    }

    private static BlockHooks adding(NDArray matrix) {
        return new BlockHooks() {
            @Override
            public NDArray output(Role role, NDArray x, NDArray y) {
                return role == Role.GATE ? y.add(JniUtils.linear((PtNDArray) x, (PtNDArray) matrix, null)) : y;
            }
        };
    }

    private BlockWeights random() {
        var arrays = new EnumMap<Role, NDArray>(Role.class);
        for (Map.Entry<Role, TensorSpec> role : config.layerRoles(0).entrySet()) {
            arrays.put(role.getKey(), scope.randomNormal(new Shape(config.shape(role.getValue()))).mul(0.05));
        }
        return new BlockWeights(0, config.layers().getFirst(), arrays);
    }

    private NDArray activations() {
        return scope.randomNormal(new Shape(SEQUENCES, LENGTH, config.hiddenSize()));
    }

    private static NDArray leaf(NDArray array) {
        NDArray leaf = array.duplicate();
        leaf.setRequiresGradient(true);
        return leaf;
    }

    /** Of two arrays, relative to the second. */
    private static double distance(NDArray a, NDArray b) {
        return Math.sqrt(a.stopGradient().sub(b.stopGradient()).square().sum().getFloat()
                / b.stopGradient().square().sum().getFloat());
    }
}
