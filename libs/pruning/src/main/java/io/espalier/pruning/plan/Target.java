package io.espalier.pruning.plan;

import io.espalier.pruning.group.ModelShape;

/** How small the model should become. */
public sealed interface Target {
    /** Share of units removed from each layer in the range, 0 to 1: LLM-Pruner's ratio. */
    record Groups(double removed) implements Target {}

    /** Share of all parameters kept, 0 to 1. */
    record Share(double kept) implements Target {}

    /** Parameters kept. */
    record Count(long parameters) implements Target {}

    /**
     * Size of the weights kept.
     *
     * @param bytesPerParameter of the checkpoint's dtype
     */
    record Bytes(long bytes, double bytesPerParameter) implements Target {}

    /**
     * The most parameters that may stay, where the target says so in parameters.
     *
     * @throws IllegalStateException for {@link Groups}
     */
    default long budget(ModelShape original) {
        return switch (this) {
            case Groups _ -> throw new IllegalStateException("a target in groups is no number of parameters");
            case Share share -> (long) Math.floor(share.kept() * original.parameters());
            case Count count -> count.parameters();
            case Bytes bytes -> (long) Math.floor(bytes.bytes() / bytes.bytesPerParameter());
        };
    }
}
