package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.Collection;

/**
 * Adam with decoupled weight decay (arXiv:1711.05101) after clipping by the global norm, as {@code torch.optim.AdamW} and
 * {@code clip_grad_norm_} compute it. DJL's update puts epsilon beside the uncorrected root of the variance; with c1 = 1 -
 * beta1^t and c2 = 1 - beta2^t, a rate of lr * sqrt(c2) / c1 and an epsilon of eps * sqrt(c2) are the same.
 */
final class AdamW {
    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.999;
    private static final double EPSILON = 1e-8;
    private static final double NORM_EPSILON = 1e-6;

    private final double weightDecay;
    private final double clip;

    AdamW(double weightDecay, double clip) {
        this.weightDecay = weightDecay;
        this.clip = clip;
    }

    /**
     * Moves the parameters along their gradients, which are cleared.
     *
     * @param update counts from 1
     * @return the global norm before clipping
     * @throws DivergedException where the norm is not finite; nothing has moved then
     */
    double step(Collection<Parameter> parameters, int update, double learningRate) {
        double norm = Math.sqrt(parameters.stream().mapToDouble(Parameter::squaredGradientNorm).sum());
        if (!Double.isFinite(norm)) {
            throw new DivergedException("LoRA diverged: the gradient of step " + update + " is not finite;"
                    + " a lower learningRate may help");
        }
        float rescale = (float) Math.min(1, clip / (norm + NORM_EPSILON));
        double c1 = 1 - Math.pow(BETA1, update);
        double c2 = 1 - Math.pow(BETA2, update);
        for (Parameter p : parameters) {
            try (NDArray gradient = p.value().getGradient()) {
                JniUtils.adamUpdate(p.value(), (PtNDArray) gradient, p.mean(), p.variance(), (float) learningRate,
                        (float) (learningRate * Math.sqrt(c2) / c1), (float) weightDecay, rescale, -1f, (float) BETA1,
                        (float) BETA2, (float) (EPSILON * Math.sqrt(c2)), true);
            }
            p.clearGradient();
        }
        return norm;
    }
}
