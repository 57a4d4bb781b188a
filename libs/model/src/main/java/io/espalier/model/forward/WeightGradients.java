package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Products;
import java.util.EnumMap;
import java.util.Map;

/**
 * What the weights of one block collect on the way back, over one micro-batch or several. Norms are leaves of autograd;
 * matrices and biases stand outside it, and their sums are made here ({@link BlockGraph}).
 */
final class WeightGradients implements AutoCloseable {
    private final NDManager scope;
    private final BlockWeights weights;
    private final boolean wanted;
    private final Map<Role, NDArray> sums = new EnumMap<>(Role.class);
    private BlockWeights collected;

    /** @param wanted whether anything is collected at all */
    WeightGradients(NDManager parent, BlockWeights original, boolean wanted) {
        this.scope = parent.newSubManager();
        this.wanted = wanted;
        this.weights = wanted ? original.map((role, array) -> role.isNorm() ? leaf(array) : array) : original;
    }

    /** What the block computes with. */
    BlockWeights weights() {
        return weights;
    }

    /**
     * Of one linear layer and one micro-batch.
     *
     * @param x  what went in, [n, in]
     * @param dy gradient of what came out, [n, out]
     */
    void add(Role role, NDArray x, NDArray dy) {
        if (wanted) {
            add(role, Products.product(dy.transpose(), x));
            if (weights.has(role.bias())) {
                add(role.bias(), dy.sum(new int[]{0}));
            }
        }
    }

    /** Valid until this is closed. (The engine hands out a hold on a leaf's gradient each time it is asked.) */
    BlockWeights collected() {
        if (collected == null) {
            collected = weights.map((role, array) -> role.isNorm() ? array.getGradient() : sums.get(role));
        }
        return collected;
    }

    @Override
    public void close() {
        scope.close();
    }

    /** @param gradient given up */
    private void add(Role role, NDArray gradient) {
        NDArray sum = sums.get(role);
        if (sum == null) {
            gradient.attach(scope);
            sums.put(role, gradient);
        } else {
            sum.addi(gradient);
            gradient.close();
        }
    }

    private NDArray leaf(NDArray norm) {
        NDArray leaf = norm.stopGradient();
        leaf.attach(scope);
        leaf.setRequiresGradient(true);
        return leaf;
    }
}
