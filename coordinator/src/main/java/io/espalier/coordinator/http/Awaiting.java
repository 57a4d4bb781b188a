package io.espalier.coordinator.http;

import io.espalier.coordinator.log.JobsView;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.Predicate;

/**
 * Waits for what was published to come back as a snapshot, so that a client reads what it wrote; not for long, because
 * what is published is safe in any case.
 */
final class Awaiting {
    private static final long PATIENCE_MILLIS = 3_000;

    private final Vertx vertx;
    private final JobsView view;

    Awaiting(Vertx vertx, JobsView view) {
        this.vertx = vertx;
        this.view = view;
    }

    /**
     * @param wanted is given null while there is no such job
     * @return the snapshot as it is then, which is not the wanted one if that took too long; null if there is none
     */
    Future<JobSnapshot> until(JobId job, Predicate<JobSnapshot> wanted) {
        Promise<JobSnapshot> promise = Promise.promise();
        Runnable look = () -> {
            JobSnapshot now = view.job(job).orElse(null);
            if (wanted.test(now)) {
                promise.tryComplete(now);
            }
        };
        Runnable stop = view.listen(changed -> {
            if (changed.equals(job)) {
                look.run();
            }
        });
        long timer = vertx.setTimer(PATIENCE_MILLIS, _ -> promise.tryComplete(view.job(job).orElse(null)));
        look.run();
        return promise.future().onComplete(_ -> {
            stop.run();
            vertx.cancelTimer(timer);
        });
    }
}
