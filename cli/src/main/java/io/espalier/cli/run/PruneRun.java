package io.espalier.cli.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.cli.render.JobsProgress;
import io.espalier.cli.render.Screen;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.JobFollower;
import io.espalier.cli.server.JobsFollower;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.LocalStack;
import io.espalier.cli.stack.StackException;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.JobSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One {@code prune}: starts the stack, publishes the requests, follows the jobs, stops the stack. {@link #interrupt} may
 * come from a shutdown hook at any moment: it cancels what runs and stops everything.
 */
public final class PruneRun implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(90);
    private static final Duration CANCELLING = Duration.ofSeconds(5);

    /** How a job ended, with its report. */
    public record Result(JobSnapshot job, ObjectNode report) {}

    private final LocalStack stack;
    private final Screen screen;
    private final List<JobId> jobs = new ArrayList<>();
    private volatile boolean interrupted;

    public PruneRun(LocalStack stack, Screen screen) {
        this.stack = stack;
        this.screen = screen;
    }

    /** The results in the order of the requests. */
    public List<Result> execute(List<ObjectNode> requests)
            throws StackException, ServerException, InterruptedException {
        screen.draw(List.of("starting broker, coordinator and workers ..."));
        stack.startAll();
        Thread following = Thread.currentThread();
        stack.givenUp().thenRun(following::interrupt);
        publish(requests);
        try (CoordinatorClient client = connect()) {
            return follow(client);
        } catch (InterruptedException e) {
            if (stack.givenUp().isDone()) {
                throw stack.givenUp().join();
            }
            throw e;
        }
    }

    private void publish(List<ObjectNode> requests) throws StackException, InterruptedException {
        try (RequestPublisher publisher = new RequestPublisher(stack.bootstrapServers())) {
            for (ObjectNode request : requests) {
                JobId job = publisher.publish(request);
                synchronized (jobs) {
                    jobs.add(job);
                }
            }
        }
    }

    private List<Result> follow(CoordinatorClient client) throws ServerException, InterruptedException {
        List<String> ids = jobIds().stream().map(JobId::value).toList();
        List<JobSnapshot> ended = new JobsFollower(new JobFollower(client, SILENCE)).follow(ids,
                new JobsProgress(screen,
                        ids)::show);
        screen.keep();
        List<Result> results = new ArrayList<>();
        for (JobSnapshot job : ended) {
            results.add(new Result(job, client.report(job.id().value())));
        }
        return results;
    }

    private CoordinatorClient connect() {
        return new CoordinatorClient(stack.server(), System.getenv("ESPALIER_HTTP_TOKEN"));
    }

    private List<JobId> jobIds() {
        synchronized (jobs) {
            return List.copyOf(jobs);
        }
    }

    /** Whether the run was broken off from outside, so that whatever else went wrong is no news. */
    public boolean isInterrupted() {
        return interrupted;
    }

    /** Cancels the jobs, then stops everything. */
    public void interrupt() {
        interrupted = true;
        if (stack.server() != null && !jobIds().isEmpty()) {
            try (CoordinatorClient client = connect()) {
                cancel(client);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        stack.close();
    }

    private void cancel(CoordinatorClient client) throws InterruptedException {
        Instant end = Instant.now().plus(CANCELLING);
        for (JobId id : jobIds()) {
            try {
                JobSnapshot job = client.command(id.value(), "cancel");
                while (!job.state().ended() && Instant.now().isBefore(end)) {
                    Thread.sleep(100);
                    job = client.job(id.value());
                }
            } catch (ServerException e) {
                // ended already, or the coordinator is gone: the stack is stopped in any case
            }
        }
    }

    @Override
    public void close() {
        stack.close();
    }
}
