package io.espalier.coordinator.log;

import io.espalier.coordinator.estimate.Estimates;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.common.TopicPartition;
import io.vertx.kafka.client.consumer.KafkaConsumer;
import io.vertx.kafka.client.consumer.KafkaConsumerRecord;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every job's latest public state, whoever owns it: follows {@code espalier.jobs}, so that any coordinator answers for
 * any job. Read from any thread.
 */
public final class JobsView {
    private static final Logger LOG = LoggerFactory.getLogger(JobsView.class);
    private static final long CATCH_UP_POLL_MILLIS = 20;

    private final Vertx vertx;
    private final KafkaConsumer<String, byte[]> consumer;
    private final Map<JobId, CompactSnapshot> jobs = new ConcurrentHashMap<>();
    private final Estimates estimates = new Estimates();
    private final List<Consumer<JobId>> listeners = new CopyOnWriteArrayList<>();
    private volatile boolean caughtUp;

    public JobsView(Vertx vertx, KafkaSettings kafka) {
        this.vertx = vertx;
        this.consumer = KafkaConsumer.create(vertx,
                new org.apache.kafka.clients.consumer.KafkaConsumer<>(kafka.consumer("espalier-jobs-view")));
    }

    /** Completes when everything that was there at the call has been read. */
    public Future<Void> start() {
        consumer.exceptionHandler(e -> LOG.atWarn().setCause(e).log("cannot read the jobs topic for now"));
        consumer.handler(this::read);
        return consumer.partitionsFor(Topic.JOBS.topicName()).map(partitions -> partitions.stream()
                .map(partition -> new TopicPartition(partition.getTopic(), partition.getPartition()))
                .collect(Collectors.toSet()))
                .compose(all -> consumer.assign(all).compose(_ -> consumer.seekToBeginning(all))
                        .compose(_ -> consumer.endOffsets(all)))
                .compose(this::catchUp).onSuccess(_ -> caughtUp = true);
    }

    private Future<Void> catchUp(Map<TopicPartition, Long> ends) {
        List<Future<Boolean>> reached = ends.entrySet().stream().map(end -> consumer.position(end.getKey())
                .map(position -> position >= end.getValue())).toList();
        return Future.all(reached).compose(all -> {
            if (all.<Boolean>list().stream().allMatch(done -> done)) {
                return Future.succeededFuture();
            }
            Promise<Void> later = Promise.promise();
            vertx.setTimer(CATCH_UP_POLL_MILLIS, _ -> catchUp(ends).onComplete(later));
            return later.future();
        });
    }

    private void read(KafkaConsumerRecord<String, byte[]> record) {
        var id = new JobId(record.key());
        if (record.value() == null) {
            jobs.remove(id);
            estimates.forget(id);
        } else {
            try {
                JobSnapshot snapshot = Json.events().readValue(record.value(), JobSnapshot.class);
                jobs.put(id, CompactSnapshot.of(snapshot, record.value()));
                estimates.observe(snapshot);
            } catch (IOException e) {
                LOG.atError().setCause(e).addKeyValue("job", id).log("a job snapshot cannot be read: ignored");
                return;
            }
        }
        listeners.forEach(listener -> listener.accept(id));
    }

    public boolean isCaughtUp() {
        return caughtUp;
    }

    public Optional<JobSnapshot> job(JobId id) {
        return Optional.ofNullable(jobs.get(id)).map(this::snapshot);
    }

    /** One line about a job. */
    public Optional<JobSummary> summary(JobId id) {
        return Optional.ofNullable(jobs.get(id)).map(this::summary);
    }

    /**
     * Jobs, latest first.
     *
     * @param states only these; empty means all
     * @param after  only jobs behind this one, null from the first
     */
    public List<JobSnapshot> jobs(Set<JobSnapshot.State> states, int limit, JobId after) {
        return page(states, limit, after).map(this::snapshot).toList();
    }

    /** The same, a line each. */
    public List<JobSummary> summaries(Set<JobSnapshot.State> states, int limit, JobId after) {
        return page(states, limit, after).map(this::summary).toList();
    }

    private Stream<CompactSnapshot> page(Set<JobSnapshot.State> states, int limit, JobId after) {
        CompactSnapshot last = after == null ? null : jobs.get(after);
        return jobs.values().stream().filter(job -> states.isEmpty() || states.contains(job.state()))
                .filter(job -> last == null || CompactSnapshot.LATEST_FIRST.compare(job, last) > 0)
                .sorted(CompactSnapshot.LATEST_FIRST).limit(limit);
    }

    public long count(Set<JobSnapshot.State> states) {
        return jobs.values().stream().filter(job -> states.contains(job.state())).count();
    }

    Optional<CompactSnapshot> compact(JobId id) {
        return Optional.ofNullable(jobs.get(id));
    }

    Stream<CompactSnapshot> compact() {
        return jobs.values().stream();
    }

    /** What a task of a kind took on average, in all jobs that are known; 0 if none was done. */
    double meanSeconds(WorkerKind kind) {
        int tasks = 0;
        double seconds = 0;
        for (CompactSnapshot job : jobs.values()) {
            CompactSnapshot.Taken taken = job.taken().get(kind);
            tasks += taken == null ? 0 : taken.tasks();
            seconds += taken == null ? 0 : taken.seconds();
        }
        return tasks == 0 ? 0 : seconds / tasks;
    }

    /** Artifacts that any job but these still needs. */
    public Set<ArtifactRef> artifacts(Set<JobId> except) {
        Set<ArtifactRef> live = new HashSet<>();
        jobs.values().stream().filter(job -> !except.contains(job.id()))
                .forEach(job -> live.addAll(snapshot(job).artifacts()));
        return live;
    }

    /** Calls back at every change, on the caller's event loop, until the returned handle is run. */
    public Runnable listen(Consumer<JobId> listener) {
        Context context = vertx.getOrCreateContext();
        Consumer<JobId> there = job -> context.runOnContext(_ -> listener.accept(job));
        listeners.add(there);
        return () -> listeners.remove(there);
    }

    private JobSummary summary(CompactSnapshot job) {
        return estimates.of(job.id(), Instant.now()).map(job.summary()::with).orElse(job.summary());
    }

    private JobSnapshot snapshot(CompactSnapshot job) {
        try {
            JobSnapshot snapshot = Json.events().readValue(job.json(), JobSnapshot.class);
            return estimates.of(job.id(), Instant.now()).map(snapshot::with).orElse(snapshot);
        } catch (IOException e) {
            throw new IllegalStateException("what was read once can be read again", e);
        }
    }

    public Future<Void> close() {
        return consumer.close();
    }
}
