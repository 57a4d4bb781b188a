package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Decider;
import io.espalier.coordinator.job.Demand;
import io.espalier.coordinator.job.Dispatcher;
import io.espalier.coordinator.job.Input;
import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.job.JobEvent;
import io.espalier.coordinator.job.Snapshots;
import io.espalier.coordinator.log.JobBook.Entry;
import io.espalier.coordinator.log.JobBook.Written;
import io.espalier.platform.kafka.DeadLetter;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.platform.trace.TraceHeaders;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.request.InvalidRequestException;
import io.opentelemetry.context.Scope;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What goes into one transaction: inputs are decided on top of the committed state, and nothing of it is kept unless
 * {@link #apply} is called after the commit.
 */
final class Batch {
    private static final Logger LOG = LoggerFactory.getLogger(Batch.class);

    /** One event with the states around it. */
    private record Happened(Job before, JobEvent event, Job after) {}

    private final Decider decider;
    private final InputReader reader;
    private final Outbox outbox;
    private final Map<Integer, JobBook> books;
    private final Instant now;
    private final Map<JobId, Entry> changed = new LinkedHashMap<>();
    private final Map<JobId, Integer> partitions = new LinkedHashMap<>();
    private final List<Happened> happened = new ArrayList<>();
    private final List<ProducerRecord<String, byte[]>> records = new ArrayList<>();

    Batch(Decider decider, InputReader reader, Outbox outbox, Map<Integer, JobBook> books, Instant now) {
        this.decider = decider;
        this.reader = reader;
        this.outbox = outbox;
        this.books = books;
        this.now = now;
    }

    void take(ConsumerRecord<String, byte[]> record) {
        try (Scope _ = TraceHeaders.read(record.headers()).makeCurrent()) {
            for (Routed routed : reader.read(record, now)) {
                switch (routed) {
                    case Routed.Elsewhere(var command) -> records.add(outbox.forward(command));
                    case Routed.Here(JobId job, Input input) -> decide(record, job, input);
                }
            }
        } catch (UnreadableEventException | InvalidRequestException e) {
            bury(record, e);
        }
    }

    void tick(int partition) {
        for (Entry entry : books.get(partition).open()) {
            JobId id = entry.job().id();
            replay(partition, id, decideSafely(current(partition, id), new Input.Ticked(now)));
        }
    }

    /** Publishes the tasks whose turn it is. */
    void dispatch(Dispatcher dispatcher, Map<WorkerKind, Integer> windows) {
        Map<JobId, Demand> demands = new HashMap<>();
        books.values().forEach(book -> demands.putAll(book.demands()));
        changed.forEach((id, entry) -> {
            if (entry.job().isOpen()) {
                demands.put(id, Demand.of(entry.job()));
            } else {
                demands.remove(id);
            }
        });
        dispatcher.choose(demands.values(), windows, now).forEach((id, tasks) -> {
            int partition = outbox.partitionOf(id);
            replay(partition, id, decideSafely(current(partition, id), new Input.Dispatched(tasks, now)));
        });
    }

    private void decide(ConsumerRecord<String, byte[]> record, JobId id, Input input) {
        Job job = current(record.partition(), id);
        if (job == null && !(input instanceof Input.Submitted)) {
            unknown(record, id, input);
            return;
        }
        List<JobEvent> events = decideSafely(job, input);
        for (JobEvent event : events) {
            if (event instanceof JobEvent.CommandRefused refused) {
                bury(record, new RefusedException(refused.command() + " of job " + id + " refused: "
                        + refused.reason()));
            }
        }
        replay(record.partition(), id, events);
    }

    /** A defect in deciding must neither stop the loop nor leave the job stuck. */
    private List<JobEvent> decideSafely(Job job, Input input) {
        try {
            List<JobEvent> events = decider.decide(job, input);
            if (input instanceof Input.Reported && job.isOpen()) {
                Snapshots.requirePresentable(job, events, now);
            }
            return events;
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).addKeyValue("input", input.getClass().getSimpleName())
                    .log("cannot decide an input: its job fails");
            return decider.decide(job, new Input.Defect("the job cannot go on: " + e.getMessage(), e.toString(), now));
        }
    }

    private void unknown(ConsumerRecord<String, byte[]> record, JobId id, Input input) {
        if (input instanceof Input.Commanded) {
            bury(record, new RefusedException("there is no job " + id));
        } else {
            LOG.atDebug().addKeyValue("job", id).log("report about a job that is not there: dropped");
        }
    }

    private void bury(ConsumerRecord<String, byte[]> record, Exception reason) {
        LOG.atWarn().addKeyValue("topic", record.topic()).addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset()).addKeyValue("reason", reason.getMessage())
                .log("input cannot be processed: to the dead letters");
        records.add(DeadLetter.of(record, reason));
    }

    private Job current(int partition, JobId id) {
        Entry entry = changed.getOrDefault(id, books.get(partition).get(id));
        return entry == null ? null : entry.job();
    }

    private void replay(int partition, JobId id, List<JobEvent> events) {
        partitions.put(id, partition);
        for (JobEvent event : events) {
            Entry before = changed.getOrDefault(id, books.get(partition).get(id));
            Job old = before == null ? null : before.job();
            Job next = Job.replay(old, event);
            happened.add(new Happened(old, event, next));
            if (event instanceof JobEvent.WithoutEffect) {
                continue;
            }
            boolean lazy = event instanceof JobEvent.AttemptProgressed progressed && progressed.checkpoint() == null;
            changed.put(id, before != null && lazy
                    ? new Entry(next, before.logged(), before.shown())
                    : new Entry(next, Written.NEVER, Written.NEVER));
            outbox.effect(next, event).ifPresent(records::add);
        }
    }

    /** What is to be published; call once, after the last input. */
    List<ProducerRecord<String, byte[]>> records() {
        partitions.forEach((id, partition) -> {
            Entry entry = changed.getOrDefault(id, books.get(partition).get(id));
            if (entry != null) {
                write(entry);
            }
        });
        return List.copyOf(records);
    }

    private void write(Entry entry) {
        Job job = entry.job();
        Entry next = entry;
        if (entry.logDue(now)) {
            records.add(outbox.state(job));
            next = next.logged(now);
        }
        if (entry.snapshotDue(now)) {
            records.add(Outbox.deleted(job) ? outbox.tombstone(job.id()) : outbox.snapshot(Snapshots.of(job, now)));
            next = next.shown(now);
        }
        if (next != entry) {
            changed.put(job.id(), next);
        }
    }

    /** Makes the changes the committed state. */
    void apply(JobObserver observer) {
        changed.forEach((id, entry) -> {
            JobBook book = books.get(partitions.get(id));
            if (Outbox.deleted(entry.job())) {
                book.remove(id);
            } else {
                book.put(entry);
            }
        });
        happened.forEach(h -> observer.happened(h.before(), h.event(), h.after()));
    }
}
