package io.espalier.model.config;

/** Non-linearity of the gated MLP. */
public enum Activation {
    SILU, GELU, GELU_TANH
}
