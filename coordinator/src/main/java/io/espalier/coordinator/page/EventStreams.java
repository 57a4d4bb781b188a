package io.espalier.coordinator.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.coordinator.log.JobsView;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.topic.Json;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;

/**
 * Server-sent events. Each message is {@code event: job} with a {@link JobSnapshot} as data and its revision as id, or
 * {@code event: deleted} with the job's id. A watcher gets the state first and then every change; changes that come
 * faster than it reads are merged, so that a slow one costs nothing.
 */
public final class EventStreams {
    private static final long FLUSH_MILLIS = 200;
    private static final long HEARTBEAT_MILLIS = 15_000;
    private static final int FIRST_JOBS = 100;

    private final Vertx vertx;
    private final JobsView view;
    private final Set<Watcher> watchers = new CopyOnWriteArraySet<>();
    private Runnable stopListening;

    public EventStreams(Vertx vertx, JobsView view) {
        this.vertx = vertx;
        this.view = view;
    }

    /** Changes of one job; ends with it. */
    public void follow(HttpServerResponse response, JobId job) {
        begin(new Watcher(response, job), List.of(job));
    }

    /** Changes of all jobs, after the open and the latest ones as they are. */
    public void followAll(HttpServerResponse response) {
        begin(new Watcher(response, null), view.jobs(EnumSet.noneOf(JobSnapshot.State.class), FIRST_JOBS, null)
                .reversed().stream().map(JobSnapshot::id).toList());
    }

    private void begin(Watcher watcher, List<JobId> first) {
        if (stopListening == null) {
            stopListening = view.listen(job -> watchers.forEach(each -> each.changed(job)));
            vertx.setPeriodic(FLUSH_MILLIS, _ -> watchers.forEach(this::flush));
            vertx.setPeriodic(HEARTBEAT_MILLIS, _ -> watchers.forEach(Watcher::heartbeat));
        }
        watcher.response().setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/event-stream")
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store").putHeader("X-Accel-Buffering", "no")
                .closeHandler(_ -> watchers.remove(watcher)).exceptionHandler(_ -> watchers.remove(watcher));
        watchers.add(watcher);
        first.forEach(watcher::changed);
        flush(watcher);
    }

    private void flush(Watcher watcher) {
        for (JobId id : watcher.takeDirty()) {
            JobSnapshot job = view.job(id).orElse(null);
            watcher.send(job == null ? "deleted" : "job", job == null ? "-" : Long.toString(job.revision()),
                    json(job == null ? Map.of("id", id) : job));
            if (watcher.only() != null && (job == null || job.state().ended())) {
                watchers.remove(watcher);
                watcher.response().end();
                return;
            }
        }
    }

    private static String json(Object value) {
        try {
            return Json.events().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a snapshot cannot be written as JSON", e);
        }
    }

    public void close() {
        if (stopListening != null) {
            stopListening.run();
        }
        watchers.forEach(watcher -> watcher.response().end());
        watchers.clear();
    }
}
