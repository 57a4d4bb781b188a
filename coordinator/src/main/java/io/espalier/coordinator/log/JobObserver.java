package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.protocol.message.JobSnapshot;
import java.util.Collection;
import java.util.Map;

/** Is told what was committed; called by the loop's thread, must not block. */
public interface JobObserver {
    /** @param before the job before the event, null for a new one */
    void happened(Job before, JobEvent event, Job after);

    /**
     * What this coordinator owns, twice a second.
     *
     * @param states how many jobs are in each state
     * @param open   the jobs that may go on
     */
    void owned(Map<JobSnapshot.State, Integer> states, Collection<Job> open);
}
