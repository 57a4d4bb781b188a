package io.espalier.worker.task;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What a running attempt may ask of its worker. */
public interface TaskContext {
    ArtifactStore artifacts();

    /** An empty folder of this attempt alone, deleted after it. */
    Path scratch();

    /** 1 at first; doubled after each out-of-memory failure: divide the micro-batch by it. */
    int microBatchDivisor();

    /**
     * Says how far it is; cheap enough to be called after each micro-batch (reports are sent at most once a second).
     *
     * @param ratio   share done, 0 to 1
     * @param message one line for people, or null
     * @throws InterruptedException if the job was cancelled or paused, the lease lost or the worker told to stop
     */
    void progress(double ratio, String message) throws InterruptedException;

    /** Counts tokens worked on. */
    void tokens(long count);

    /**
     * Where tasks that do parts of one work leave things for each other: the same place for equal work of any job, or of this
     * job alone where results are not shared.
     *
     * @param whole the work of which this task does a part, the same for all of them
     * @throws IOException if a file of the user that the work names cannot be read
     */
    HandedOn handedOn(Work whole) throws IOException;

    /** Where an earlier attempt had stopped. */
    Optional<ArtifactRef> resumeFrom();

    /** Remembers where a successor would go on from. */
    void checkpoint(ArtifactRef checkpoint);

    /** Whether the worker should soon give the task back: write a checkpoint, then call {@link #progress}. */
    boolean stopping();
}
