package io.espalier.coordinator.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.coordinator.log.JobSummary;
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
import java.util.function.ToLongFunction;

/**
 * Server-sent events. Each message is {@code event: job} with a {@link JobSnapshot} as data and its revision as id,
 * {@code event: summary} with a {@link JobSummary}, or {@code event: deleted} with the job's id. A watcher gets the state first and then every change; changes that come
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
        begin(new Watcher(response, job, false), List.of(job));
    }

    /** Changes of all jobs, after the open and the latest ones as they are. */
    public void followAll(HttpServerResponse response) {
        begin(new Watcher(response, null, false), view.jobs(EnumSet.noneOf(JobSnapshot.State.class), FIRST_JOBS, null)
                .reversed().stream().map(JobSnapshot::id).toList());
    }

    /** A line about every job that changes from now on; who opens the stream first and then lists misses nothing. */
    public void followSummaries(HttpServerResponse response) {
        begin(new Watcher(response, null, true), List.of());
        response.write(": from now on\n\n");
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
            if (watcher.wantsSummaries()) {
                tell(watcher, id, "summary", view.summary(id).orElse(null), JobSummary::revision);
                continue;
            }
            JobSnapshot job = view.job(id).orElse(null);
            tell(watcher, id, "job", job, JobSnapshot::revision);
            if (watcher.only() != null && (job == null || job.state().ended())) {
                watchers.remove(watcher);
                watcher.response().end();
                return;
            }
        }
    }

    private static <T> void tell(Watcher watcher, JobId id, String event, T job, ToLongFunction<T> revision) {
        watcher.send(job == null ? "deleted" : event, job == null ? "-" : Long.toString(revision.applyAsLong(job)),
                json(job == null ? Map.of("id", id) : job));
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
