package io.espalier.pruning.method;

/**
 * A method that lets candidates be measured before it decides. It is a pure state machine: what one round knows stands in
 * the proposal's state, so any worker may go on, now or after a crash.
 */
public interface IterativeMethod extends PruningMethod {
    /** By what its candidates are compared. */
    Objective objective();

    /** Sequences on which candidates are measured: at most so many of what PREPARE drew. */
    int measuredSequences(MethodOptions options);

    /** The next candidates, or the plan. */
    Proposal propose(ProposalTask task);
}
