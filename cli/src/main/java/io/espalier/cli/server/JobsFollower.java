package io.espalier.cli.server;

import io.espalier.protocol.message.JobSnapshot;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Follows several jobs at the same time, each to its end. */
public final class JobsFollower {
    private final JobFollower follower;

    public JobsFollower(JobFollower follower) {
        this.follower = follower;
    }

    /**
     * @param onChange called for every change of any job, one call at a time
     * @return the last states, in the order of the ids
     */
    public List<JobSnapshot> follow(List<String> ids, Consumer<JobSnapshot> onChange)
            throws ServerException, InterruptedException {
        Consumer<JobSnapshot> oneAtATime = job -> {
            synchronized (this) {
                onChange.accept(job);
            }
        };
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Future<JobSnapshot>> running = ids.stream().map(id -> threads.submit(() -> follower.follow(id,
                    oneAtATime))).toList();
            List<JobSnapshot> last = new ArrayList<>();
            for (Future<JobSnapshot> each : running) {
                last.add(get(each));
            }
            return last;
        } finally {
            threads.shutdownNow(); // after a failure the others are followed no longer
        }
    }

    private static JobSnapshot get(Future<JobSnapshot> future) throws ServerException, InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case ServerException failure -> throw failure;
                case InterruptedException interruption -> throw interruption;
                case RuntimeException bug -> throw bug;
                default -> throw new IllegalStateException(e.getCause());
            }
        }
    }
}
