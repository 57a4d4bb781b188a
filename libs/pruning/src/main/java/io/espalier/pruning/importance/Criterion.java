package io.espalier.pruning.importance;

import java.util.Locale;

/**
 * How much an element of a weight matters, LLM-Pruner (arXiv:2305.11627, section 3.2 and its code). {@code w} is the
 * weight, {@code g} the gradient of the mean next-token loss over all samples, {@code F} the mean over samples of the
 * squared gradient of each sample's own loss (the diagonal of the empirical Fisher matrix). A row or a column of a
 * matrix scores the sum over its elements.
 */
public enum Criterion {
    /** {@code |w|}. */
    L1(false, false),
    /** {@code w^2}, without a root. */
    L2(false, false),
    /** Uniform noise: the floor. */
    RANDOM(false, false),
    /**
     * {@code |sum w g|}: summed before the absolute value is taken, so that contributions of samples add up and samples
     * may be sharded.
     */
    VECTORIZE(true, true),
    /** {@code sum |w g|}: the absolute value of a sum over samples, so the samples belong together. */
    PARAM_FIRST(true, false),
    /** {@code sum w F w}: every term is positive and a sum over samples, so samples may be sharded. */
    PARAM_SECOND(true, true),
    /** {@code sum |w g - w F w / 2|}: as {@link #PARAM_FIRST}. */
    PARAM_MIX(true, false);

    private final boolean gradients;
    private final boolean additive;

    Criterion(boolean gradients, boolean additive) {
        this.gradients = gradients;
        this.additive = additive;
    }

    /** Whether it needs calibration samples and a backward pass. */
    public boolean needsGradients() {
        return gradients;
    }

    /** Whether the sums of rows and columns add up over samples. */
    public boolean addsOverSamples() {
        return additive;
    }

    /** As it stands in requests: {@code param_first}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
