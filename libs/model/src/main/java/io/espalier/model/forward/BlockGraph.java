package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import java.util.function.UnaryOperator;

/**
 * One micro-batch's way through one block, recorded by autograd. Only what the way back needs stays in memory.
 *
 * @param input  [B, T, d], collects its gradient
 * @param output [B, T, d]
 */
record BlockGraph(NDArray input, NDArray output) implements AutoCloseable {
    /**
     * @param x     in a manager that the caller closes afterwards: all that was computed on the way goes with it
     * @param scope of input and output from here on
     */
    static BlockGraph record(NDArray x, NDManager scope, UnaryOperator<NDArray> block) {
        x.setRequiresGradient(true);
        NDArray y = Torch.withGradients(() -> block.apply(x));
        x.attach(scope);
        y.attach(scope);
        return new BlockGraph(x, y);
    }

    /** The gradient with respect to the input, in {@code scope}; the weights' gradients grow, the graph is freed. */
    NDArray back(NDArray upstream, NDManager scope) {
        Torch.backward(output, upstream);
        NDArray gradient = input.getGradient();
        gradient.attach(scope);
        return gradient;
    }

    @Override
    public void close() {
        output.close();
        input.close();
    }
}
