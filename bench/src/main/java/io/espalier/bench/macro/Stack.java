package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.Bench;
import io.espalier.bench.process.CpuQuota;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.JobFollower;
import io.espalier.cli.stack.LocalStack;
import io.espalier.cli.stack.Program;
import io.espalier.cli.stack.StackException;
import io.espalier.cli.stack.StackOptions;
import io.espalier.protocol.message.JobSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** The stack of {@code ./espalier up}, for one measurement. */
final class Stack implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final CpuQuota quota;
    private final LocalStack local;
    private final CoordinatorClient client;

    private Stack(CpuQuota quota, LocalStack local) {
        this.quota = quota;
        this.local = local;
        this.client = new CoordinatorClient(local.server(), null);
    }

    /**
     * Starts broker, coordinator and workers.
     *
     * @param workers     of each kind
     * @param environment of all processes, besides what the stack sets
     */
    static Stack start(Bench bench, Path data, Workers workers, Map<String, String> environment)
            throws StackException, InterruptedException {
        return start(bench, data, workers, environment, 1);
    }

    /** @param cores at most so much of a core for each worker */
    static Stack start(Bench bench, Path data, Workers workers, Map<String, String> environment, double cores)
            throws StackException, InterruptedException {
        List<String> set = new ArrayList<>(List.of("env"));
        environment.forEach((name, value) -> set.add(name + "=" + value));
        var quota = new CpuQuota(cores);
        try {
            return new Stack(quota, LocalStack.start(program -> command(bench, set, program, quota),
                    new StackOptions(workers.scoring(), workers.gpu(), workers.eval(), data, "cpu", 0), bench::say));
        } catch (UncheckedIOException e) {
            quota.close();
            throw new StackException(e.getMessage());
        }
    }

    /** How many of each kind. */
    record Workers(int scoring, int gpu, int eval) {}

    private static List<String> command(Bench bench, List<String> environment, Program program, CpuQuota quota) {
        List<String> command = new ArrayList<>(environment);
        command.addAll(bench.installation().command(program));
        try {
            return program.usesEngine() ? quota.hold(command) : command;
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    CoordinatorClient client() {
        return client;
    }

    String bootstrapServers() {
        return local.bootstrapServers();
    }

    /** @throws IllegalStateException if the job does not succeed */
    JobSnapshot run(ObjectNode request) throws Exception {
        JobSnapshot submitted = client.submit(UUID.randomUUID().toString(), request).getFirst();
        JobSnapshot job = new JobFollower(client, SILENCE).follow(submitted.id().value(), snapshot -> {});
        if (job.state() != JobSnapshot.State.SUCCEEDED) {
            throw new IllegalStateException("job " + job.id() + " is " + job.state() + ": " + job.error());
        }
        return job;
    }

    @Override
    public void close() {
        client.close();
        local.close();
        quota.close();
    }
}
