package io.espalier.pruning.method;

import io.espalier.model.forward.GradientVisitor;

/** A visitor whose pass is a task's: it tells the task how far it is, and ends when the task is no longer wanted. */
public interface ScoringVisitor extends GradientVisitor {
    /** Of the whole pass, a step for each call of {@link #checkpoint}. */
    PassProgress progress();

    @Override
    default void resumed(int steps) {
        progress().skip(steps);
    }

    @Override
    default void idle() {
        progress().waiting("waiting for the layers beside");
    }

    @Override
    default void checkpoint() {
        progress().step(1);
    }
}
