package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.method.tpe.Trial;
import java.util.List;

/**
 * All that a search knows between two rounds.
 *
 * @param random  state of the random generator
 * @param trials  measured so far, in order
 * @param pending points now being measured
 */
record TrialState(long random, List<Trial> trials, List<double[]> pending) {
    TrialState {
        trials = List.copyOf(trials);
        pending = List.copyOf(pending);
    }
}
