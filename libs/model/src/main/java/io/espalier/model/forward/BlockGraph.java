package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Products;
import io.espalier.model.engine.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;

/**
 * One micro-batch's way through one block and back. Only what the way back needs stays in memory.
 *
 * <p>The block is cut where linear layers begin and behind its additions. Autograd records what lies between two cuts; the
 * products with the weights, nearly all of the work, are made outside it, there and back: by whichever library is the faster
 * ({@link Products}), which autograd does not let us choose. With {@code y = x W^T + b} and the gradient dy of y:
 * {@code dx = dy W}, {@code dW = dy^T x}, {@code db = sum of dy}.
 */
final class BlockGraph implements LinearLayers, AutoCloseable {
    private final NDManager scope;
    private final NDArray input;
    private final List<Cut> cuts = new ArrayList<>();
    private NDArray output;

    private BlockGraph(NDManager scope, NDArray input) {
        this.scope = scope;
        this.input = input;
    }

    /**
     * @param x      [B, T, d], in a manager that the caller closes afterwards: all that is not kept goes with it
     * @param parent of all that is kept
     * @param block  computes [B, T, d] of [B, T, d]
     */
    static BlockGraph record(NDArray x, NDManager parent, BiFunction<NDArray, LinearLayers, NDArray> block) {
        NDManager scope = parent.newSubManager();
        x.setRequiresGradient(true);
        var graph = new BlockGraph(scope, x);
        graph.output = Torch.withGradients(() -> block.apply(x, graph));
        x.attach(scope);
        graph.output.attach(scope);
        return graph;
    }

    /** [B, T, d] */
    NDArray output() {
        return output;
    }

    @Override
    public NDArray enter(NDArray x) {
        Cut cut = new Cut(scope.newSubManager(), x);
        cuts.add(cut);
        return cut.start;
    }

    @Override
    public NDArray apply(Role role, NDArray x, BlockWeights weights) {
        return cuts.getLast().apply(role, weights);
    }

    /**
     * The gradient with respect to the input, in {@code target}. Can be called once.
     *
     * @param upstream gradient with respect to the output
     * @param weights  receive their gradients
     */
    NDArray back(NDArray upstream, NDManager target, WeightGradients weights) {
        Torch.backward(output, upstream);
        for (Cut cut : cuts.reversed()) {
            cut.back(weights);
        }
        NDArray gradient = input.getGradient();
        gradient.attach(target);
        return gradient;
    }

    @Override
    public void close() {
        scope.close();
    }

    /** One place where autograd's record ends, and begins anew behind the linear layers that stand there, if any. */
    private static final class Cut {
        private final NDManager scope;
        private final NDArray end; // of what was recorded before
        private final NDArray start; // the same numbers, without a past
        private final NDArray numbers; // the same again, for what autograd shall not see
        private final List<Layer> layers = new ArrayList<>();

        /** @param output a leaf that collects its gradient */
        private record Layer(Role role, NDArray weight, NDArray output) {}

        Cut(NDManager scope, NDArray x) {
            this.scope = scope;
            this.end = x;
            this.start = x.stopGradient();
            this.numbers = x.stopGradient();
            List.of(end, start, numbers).forEach(array -> array.attach(scope));
            start.setRequiresGradient(true);
        }

        NDArray apply(Role role, BlockWeights weights) {
            NDArray y = LinearLayers.product(role, numbers, weights);
            y.attach(scope);
            y.setRequiresGradient(true);
            layers.add(new Layer(role, weights.get(role), y));
            return y;
        }

        void back(WeightGradients weights) {
            NDArray gradient = start.getGradient(); // of residuals and of what hooks have added; null without
            for (Layer layer : layers) {
                NDArray dy = matrix(layer.output.getGradient());
                weights.add(layer.role, matrix(numbers), dy);
                NDArray dx = Products.product(dy, layer.weight).reshape(end.getShape());
                gradient = gradient == null ? dx : gradient.addi(dx);
            }
            Torch.backward(end, gradient);
            scope.close();
        }

        /** [B, T, n] to [B * T, n]. */
        private static NDArray matrix(NDArray x) {
            Shape shape = x.getShape();
            return x.reshape(-1, shape.get(shape.dimension() - 1));
        }
    }
}
