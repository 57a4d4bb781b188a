package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Decider;
import io.espalier.coordinator.job.Dispatcher;
import io.espalier.coordinator.trace.JobSpans;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that changes jobs. Whatever goes wrong with Kafka, the session is thrown away with all it knew, and the
 * next one begins from what is committed: nothing in memory is worth saving.
 */
public final class JobLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobLoop.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(15);

    private final KafkaSettings kafka;
    private final LoopIdentity identity;
    private final Decider decider;
    private final Dispatcher dispatcher;
    private final Windows windows;
    private final Submission submission;
    private final JobSpans spans;
    private final JobObserver observer;
    private final MeterRegistry registry;
    private final InstantSource clock;
    private final Thread thread;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private volatile boolean joined;
    private volatile Session session;
    private volatile Runnable onFenced = () -> {};

    public JobLoop(KafkaSettings kafka, LoopIdentity identity, Decider decider, Dispatcher dispatcher, Windows windows,
            Submission submission, JobSpans spans, JobObserver observer, MeterRegistry registry, InstantSource clock) {
        this.kafka = kafka;
        this.identity = identity;
        this.decider = decider;
        this.dispatcher = dispatcher;
        this.windows = windows;
        this.submission = submission;
        this.spans = spans;
        this.observer = observer;
        this.registry = registry;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("job-loop").unstarted(this::run);
    }

    /** @param onFenced what to do when another process took over this one's identity; called by the loop's thread */
    public void start(Runnable onFenced) {
        this.onFenced = onFenced;
        thread.start();
    }

    /** Whether this coordinator has its share of the jobs, which may be none. */
    public boolean joined() {
        return joined;
    }

    private void run() {
        Duration pause = FIRST_PAUSE;
        while (!stopped()) {
            try (var current = new Session(kafka, identity, decider, dispatcher, windows, submission, spans, observer,
                    registry, clock)) {
                session = current;
                current.open();
                while (!stopped()) {
                    current.turn();
                    joined = current.joined();
                    pause = joined ? FIRST_PAUSE : pause;
                }
            } catch (FencedInstanceIdException e) {
                LOG.atError().addKeyValue("instance", identity.instance())
                        .log("another coordinator runs under this instance name: stopping");
                onFenced.run();
                return;
            } catch (InterruptException | WakeupException e) {
                LOG.atDebug().log("woken up to stop");
            } catch (RuntimeException e) {
                LOG.atWarn().setCause(e).addKeyValue("retryIn", pause).log("session with Kafka lost: starting anew");
                awaitStop(pause);
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
            } finally {
                joined = false;
                session = null;
            }
        }
    }

    private boolean stopped() {
        return stopping.getCount() == 0;
    }

    private void awaitStop(Duration pause) {
        try {
            stopping.await(pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Finishes the current transaction and leaves the group, so that another coordinator takes over at once. */
    @Override
    public void close() {
        stopping.countDown();
        Session current = session;
        if (current != null) {
            current.wakeup();
        }
        try {
            if (!thread.join(STOP_PATIENCE)) {
                LOG.atWarn().log("the loop does not stop: interrupting it");
                thread.interrupt();
                thread.join(STOP_PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Who speaks in the events of a coordinator. */
    static EventCodec codec() {
        return new EventCodec("coordinator");
    }
}
