package io.espalier.bench.macro;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.bench.task.Repeated;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Bfloat16;
import io.espalier.model.engine.Products;
import io.espalier.model.engine.Torch;
import io.espalier.protocol.request.ComputeType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The limit of a pass over a model: its matrix products alone, with the shapes, the layouts and the threads of
 * the pass, through the same libraries; no norm, no softmax, no loss, no reading of weights. Also counts their operations.
 *
 * @param batches sequences and length of each micro-batch
 * @param dtype   of the blocks' linear layers; bf16 has no way back
 */
record Gemms(ModelConfig config, List<Batch> batches, ComputeType dtype) {
    Gemms(ModelConfig config, List<Batch> batches) {
        this(config, batches, ComputeType.FLOAT32);
    }

    /** One micro-batch. */
    record Batch(int sequences, int length) {
        int tokens() {
            return sequences * length;
        }
    }

    /**
     * How often each product is computed.
     *
     * @param forward        products of a block with its weights
     * @param inputGradient  {@code dx = dy W} of each block
     * @param weightGradient {@code dW = dy^T x} of each block
     * @param headGradient   gradient of the head's input, 0 or 1
     */
    record Pass(int forward, int inputGradient, int weightGradient, int headGradient) {
        /** One forward pass. */
        static final Pass FORWARD = new Pass(1, 0, 0, 0);
        /** Forward, gradients of activations and block weights. */
        static final Pass SCORING = new Pass(1, 1, 1, 1);
        /** Forward, gradients of activations only. */
        static final Pass ADAPTERS = new Pass(1, 1, 0, 1);

        /** The same where every block is computed again on the way back, as a model must that is streamed. */
        Pass recomputed() {
            return new Pass(forward + 1, inputGradient, weightGradient, headGradient);
        }
    }

    /** Sequences in micro-batches of at most so many. */
    static Gemms of(ModelConfig config, int sequences, int length, int microBatch) {
        List<Batch> batches = new ArrayList<>();
        for (int from = 0; from < sequences; from += microBatch) {
            batches.add(new Batch(Math.min(microBatch, sequences - from), length));
        }
        return new Gemms(config, batches);
    }

    Gemms in(ComputeType type) {
        return new Gemms(config, batches, type);
    }

    /** Shortest of several runs, in seconds; the first, which warms up, does not count. */
    double seconds(Pass pass, int repeats) throws Exception {
        try (NDManager manager = Torch.newManager(Device.cpu())) {
            var operands = new Operands(manager, pass);
            operands.run();
            return Repeated.shortest(repeats, () -> Repeated.seconds(operands::run));
        }
    }

    /** Multiplications and additions of the pass. */
    double operations(Pass pass) {
        double tokens = batches.stream().mapToInt(Batch::tokens).sum();
        double weights = 0;
        double attention = 0;
        for (int layer = 0; layer < config.layers().size(); layer++) {
            weights += 2 * tokens * matrices(layer).stream().mapToDouble(shape -> (double) shape[0] * shape[1]).sum();
            for (Batch batch : batches) {
                attention += attention(layer, batch);
            }
        }
        double head = 2 * tokens * config.hiddenSize() * config.vocabularySize();
        return pass.forward() * (weights + attention) + pass.inputGradient() * (weights + 2 * attention)
                + pass.weightGradient() * weights + head * (1 + pass.headGradient());
    }

    /** Scores and mixing: 2 products of {@code T x T x head} each per query head. */
    private double attention(int layer, Batch batch) {
        LayerShape shape = config.layers().get(layer);
        return 4.0 * batch.sequences() * shape.queryHeads() * (double) batch.length() * batch.length()
                * config.headDim(layer);
    }

    /** Shapes [out, in] of a layer's matrices. */
    private List<long[]> matrices(int layer) {
        List<long[]> shapes = new ArrayList<>();
        for (Map.Entry<Role, TensorSpec> entry : config.layerRoles(layer).entrySet()) {
            if (entry.getKey().isMatrix()) {
                shapes.add(new long[]{entry.getValue().part(entry.getKey()).rows(),
                    config.shape(entry.getValue())[1]});
            }
        }
        return shapes;
    }

    /** Operands are made once; results are thrown away at once. */
    private final class Operands {
        private final NDManager manager;
        private final Pass pass;
        private final List<List<NDArray>> weights = new ArrayList<>();
        private final NDArray head;

        Operands(NDManager manager, Pass pass) {
            this.manager = manager;
            this.pass = pass;
            for (int layer = 0; layer < config.layers().size(); layer++) {
                weights.add(matrices(layer).stream().map(shape -> weight(new Shape(shape))).toList());
            }
            head = random(new Shape(config.vocabularySize(), config.hiddenSize()));
        }

        void run() {
            for (int layer = 0; layer < config.layers().size(); layer++) {
                for (Batch batch : batches) {
                    for (NDArray weight : weights.get(layer)) {
                        linear(weight, dtype, batch.tokens(), pass.forward(), pass.inputGradient(),
                                pass.weightGradient());
                    }
                    attention(layer, batch);
                }
            }
            batches.forEach(batch -> linear(head, ComputeType.FLOAT32, batch.tokens(), 1, pass.headGradient(), 0));
        }

        private void linear(NDArray weight, ComputeType type, long rows, int forward, int inputGradient,
                int weightGradient) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray x = scope.zeros(new Shape(rows, weight.getShape().get(1)));
                NDArray y = scope.zeros(new Shape(rows, weight.getShape().get(0)));
                for (int i = 0; i < forward; i++) {
                    switch (type) {
                        case FLOAT32 -> Products.linear(x, weight, null).close();
                        case BFLOAT16 -> Bfloat16.linear(x, weight, null).close();
                    }
                }
                for (int i = 0; i < inputGradient; i++) {
                    Products.product(y, weight).close();
                }
                for (int i = 0; i < weightGradient; i++) {
                    Products.product(y.transpose(), x).close();
                }
            }
        }

        private void attention(int layer, Batch batch) {
            LayerShape shape = config.layers().get(layer);
            if (shape.kvHeads() == 0) {
                return;
            }
            long rows = (long) shape.groupSize() * batch.length();
            try (NDManager scope = manager.newSubManager()) {
                NDArray q = scope.zeros(new Shape(batch.sequences(), shape.kvHeads(), rows, config.headDim(layer)));
                NDArray k = scope
                        .zeros(new Shape(batch.sequences(), shape.kvHeads(), batch.length(), config.headDim(layer)));
                NDArray scores = q.matMul(k.transpose(0, 1, 3, 2)); // (B, Hkv, R * T, T)
                for (int i = 0; i < pass.forward(); i++) {
                    q.matMul(k.transpose(0, 1, 3, 2)).close();
                    scores.matMul(k).close();
                }
                for (int i = 0; i < 2 * pass.inputGradient(); i++) {
                    scores.matMul(k).close();
                    scores.transpose(0, 1, 3, 2).matMul(q).close();
                }
            }
        }

        private NDArray weight(Shape shape) {
            NDArray weight = random(shape);
            if (dtype == ComputeType.FLOAT32) {
                return weight;
            }
            try (weight) {
                return Bfloat16.round(weight);
            }
        }

        private NDArray random(Shape shape) {
            return manager.randomUniform(-0.03f, 0.03f, shape);
        }
    }
}
