package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import java.util.Collection;

/** Is told what was committed; called by the loop's thread, must not block. */
public interface JobObserver {
    /** @param before the job before the event, null for a new one */
    void happened(Job before, JobEvent event, Job after);

    /** All jobs that this coordinator owns, as they are now. */
    void owned(Collection<Job> jobs);
}
