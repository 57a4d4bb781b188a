package io.espalier.pruning.recovery;

import java.io.IOException;

/** Called between two micro-batches of a block; may end the run. */
@FunctionalInterface
interface Beat {
    void run() throws IOException, InterruptedException;
}
