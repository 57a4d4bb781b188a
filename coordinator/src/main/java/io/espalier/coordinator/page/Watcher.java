package io.espalier.coordinator.page;

import io.espalier.protocol.id.JobId;
import io.vertx.core.http.HttpServerResponse;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** One open stream and what it has not been told yet. Used on the event loop alone. */
final class Watcher {
    private final HttpServerResponse response;
    private final JobId only;
    private final boolean summaries;
    private final Set<JobId> dirty = new LinkedHashSet<>();

    /**
     * @param only      the job that is watched, null for all
     * @param summaries whether a line about each job is enough
     */
    Watcher(HttpServerResponse response, JobId only, boolean summaries) {
        this.response = response;
        this.only = only;
        this.summaries = summaries;
    }

    boolean wantsSummaries() {
        return summaries;
    }

    HttpServerResponse response() {
        return response;
    }

    JobId only() {
        return only;
    }

    void changed(JobId job) {
        if (only == null || only.equals(job)) {
            dirty.add(job);
        }
    }

    /** What is to be told now; nothing while the reader is behind. */
    List<JobId> takeDirty() {
        if (dirty.isEmpty() || response.writeQueueFull()) {
            return List.of();
        }
        List<JobId> taken = List.copyOf(dirty);
        dirty.clear();
        return taken;
    }

    void send(String event, String id, String data) {
        response.write("event: " + event + "\nid: " + id + "\ndata: " + data + "\n\n");
    }

    void heartbeat() {
        if (!response.writeQueueFull()) {
            response.write(": still here\n\n");
        }
    }
}
