package io.espalier.pruning.plan;

/** No plan of the method meets the target on this model. */
public final class UnreachableTargetException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    public UnreachableTargetException(String message) {
        super(message);
    }
}
