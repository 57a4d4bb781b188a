package io.espalier.coordinator.log;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.JobSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes artifacts that no job needs: those of a job when it is deleted, and once in a while whatever was left behind.
 * Artifacts of a deleted job that another job names stay.
 */
public final class ArtifactCollector implements JobObserver, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ArtifactCollector.class);
    private static final Duration EVERY = Duration.ofHours(1);
    /** An attempt may hold artifacts that nobody has heard of yet. */
    private static final Duration YOUNGEST = Duration.ofHours(24);

    private final ArtifactStore store;
    private final JobsView view;
    private final ScheduledExecutorService worker = Executors.newSingleThreadScheduledExecutor(task -> Thread
            .ofPlatform().name("artifact-collector").daemon().unstarted(task));

    public ArtifactCollector(ArtifactStore store, JobsView view) {
        this.store = store;
        this.view = view;
        worker.scheduleWithFixedDelay(this::sweep, EVERY.toSeconds(), EVERY.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void happened(Job before, JobEvent event, Job after) {
        if (event instanceof JobEvent.JobDeleted) {
            List<ArtifactRef> artifacts = view.job(after.id()).map(JobSnapshot::artifacts).orElse(List.of());
            worker.execute(() -> delete(after.id(), artifacts));
        }
    }

    @Override
    public void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        // what is owned changes nothing here
    }

    private void delete(JobId job, List<ArtifactRef> artifacts) {
        Set<ArtifactRef> dead = new HashSet<>(artifacts);
        dead.removeAll(view.artifacts(Set.of(job)));
        int deleted = 0;
        for (ArtifactRef artifact : dead) {
            try {
                store.delete(artifact);
                deleted++;
            } catch (IOException e) {
                LOG.atWarn().setCause(e).addKeyValue("artifact", artifact.sha256()).log("artifact cannot be deleted");
            }
        }
        LOG.atInfo().addKeyValue("job", job).addKeyValue("artifacts", deleted).log("artifacts of a job deleted");
    }

    private void sweep() {
        if (!view.isCaughtUp()) {
            return;
        }
        try {
            ArtifactStore.Collected collected = store.collect(view.artifacts(Set.of()), YOUNGEST);
            LOG.atInfo().addKeyValue("artifacts", collected.artifacts()).addKeyValue("bytes", collected.bytes())
                    .log("artifacts that no job names collected");
        } catch (IOException | RuntimeException e) {
            LOG.atWarn().setCause(e).log("cannot collect artifacts");
        }
    }

    @Override
    public void close() {
        worker.shutdown();
    }
}
