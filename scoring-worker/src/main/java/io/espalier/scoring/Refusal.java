package io.espalier.scoring;

import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.InvalidTextException;
import io.espalier.worker.task.PermanentFailureException;
import java.util.concurrent.Callable;

/** Tells what is wrong with the input, and so with every further try, from what may go better elsewhere. */
final class Refusal {
    private Refusal() {}

    /** Runs some work; what its input is to blame for becomes permanent. */
    static <T> T permanent(Callable<T> work) throws Exception {
        try {
            return work.call();
        } catch (IllegalArgumentException | InvalidCheckpointException | UnsupportedModelException
                | InvalidTextException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        }
    }
}
