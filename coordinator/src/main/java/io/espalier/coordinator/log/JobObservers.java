package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.protocol.message.JobSnapshot;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Several observers as one. What an observer does wrong is logged and does not reach the loop. */
public record JobObservers(List<JobObserver> all) implements JobObserver {
    private static final Logger LOG = LoggerFactory.getLogger(JobObservers.class);

    public JobObservers {
        all = List.copyOf(all);
    }

    @Override
    public void happened(Job before, JobEvent event, Job after) {
        all.forEach(observer -> safely(() -> observer.happened(before, event, after)));
    }

    @Override
    public void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open) {
        all.forEach(observer -> safely(() -> observer.owned(states, open)));
    }

    private static void safely(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("an observer of jobs failed");
        }
    }
}
