package io.espalier.model.config;

import static io.espalier.model.config.Axis.CHANNEL;
import static io.espalier.model.config.Axis.HEAD_DIM;
import static io.espalier.model.config.Axis.HIDDEN;
import static io.espalier.model.config.Axis.KEY_VALUE;
import static io.espalier.model.config.Axis.QUERY;
import static io.espalier.model.config.Axis.VOCABULARY;

import java.util.List;

/**
 * The part a weight plays in the decoder, whatever its tensor is called. Matrices are stored {@code [out, in]}; a
 * family may keep several roles in one tensor, one below the other (fused q/k/v, gate/up).
 */
public enum Role {
    EMBEDDING(VOCABULARY, HIDDEN),
    /** Of attention's input. */
    INPUT_NORM(HIDDEN), Q(QUERY, HIDDEN), Q_BIAS(QUERY), K(KEY_VALUE, HIDDEN), K_BIAS(KEY_VALUE), V(KEY_VALUE,
            HIDDEN), V_BIAS(KEY_VALUE), Q_NORM(HEAD_DIM), K_NORM(HEAD_DIM), O(HIDDEN, QUERY), O_BIAS(HIDDEN),
    /** Of attention's output, in front of the addition (Gemma 2, GLM-4-0414). */
    O_NORM(HIDDEN),
    /** Of the MLP's input. */
    POST_NORM(HIDDEN), GATE(CHANNEL, HIDDEN), GATE_BIAS(CHANNEL), UP(CHANNEL, HIDDEN), UP_BIAS(CHANNEL), DOWN(HIDDEN,
            CHANNEL), DOWN_BIAS(HIDDEN),
    /** Of the MLP's output, in front of the addition (Gemma 2, GLM-4-0414). */
    DOWN_NORM(HIDDEN), FINAL_NORM(HIDDEN), HEAD(VOCABULARY, HIDDEN);

    private final List<Axis> axes;

    Role(Axis... axes) {
        this.axes = List.of(axes);
    }

    /** One axis for a vector, {@code [out, in]} for a matrix. */
    public List<Axis> axes() {
        return axes;
    }

    public boolean isMatrix() {
        return axes.size() == 2;
    }

    /** Whether this is the weight of an RMSNorm. */
    public boolean isNorm() {
        return switch (this) {
            case INPUT_NORM, Q_NORM, K_NORM, O_NORM, POST_NORM, DOWN_NORM, FINAL_NORM -> true;
            default -> false;
        };
    }

    /**
     * Of a linear layer's matrix.
     *
     * @throws IllegalArgumentException for anything else
     */
    public Role bias() {
        return switch (this) {
            case Q -> Q_BIAS;
            case K -> K_BIAS;
            case V -> V_BIAS;
            case O -> O_BIAS;
            case GATE -> GATE_BIAS;
            case UP -> UP_BIAS;
            case DOWN -> DOWN_BIAS;
            default -> throw new IllegalArgumentException(this + " is no linear layer");
        };
    }
}
