package io.espalier.pruning.recovery;

import java.io.IOException;
import java.nio.file.Path;

/** Whoever waits for a training run: is told how far it is, keeps its checkpoints, may end it. */
public interface TrainingWatch {
    /**
     * Called after each micro-batch of a block at the latest.
     *
     * @param done share of the run, 0 to 1
     * @param line for people
     * @throws InterruptedException to end the run here
     */
    void progress(double done, String line) throws InterruptedException;

    /** Counts tokens worked on. */
    void tokens(long count);

    /** Whether the run will soon be ended: it then writes a checkpoint before the next {@link #progress}. */
    boolean stopping();

    /**
     * A successor may go on from here.
     *
     * @param folder to be copied before this returns
     */
    void checkpoint(Path folder) throws IOException;
}
