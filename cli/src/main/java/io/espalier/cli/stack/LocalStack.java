package io.espalier.cli.stack;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Everything on one machine: a Kafka broker, the coordinator and the workers, each a process of its own. Broker first,
 * then the others at once; stopped in the opposite order. Whatever happens, {@link #close} leaves no process behind, and
 * if this process is killed, the children notice it and end.
 */
public final class LocalStack implements AutoCloseable {
    /** What a worker's tasks may take; the scoring workers share half of the machine. */
    private static final String MEMORY = "ESPALIER_MEMORY_MEBIBYTES";
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);

    private final Function<Program, List<String>> commands;
    private final StackOptions options;
    private final Consumer<String> notice;
    private final Member broker;
    private final Member coordinator;
    private final List<Member> workers = new ArrayList<>();
    private volatile String bootstrapServers;
    private volatile URI server;

    private LocalStack(Function<Program, List<String>> commands, StackOptions options, Consumer<String> notice) {
        this.commands = commands;
        this.options = options;
        this.notice = notice;
        broker = member(Program.BROKER, Program.BROKER.name());
        coordinator = member(Program.COORDINATOR, Program.COORDINATOR.name());
        addWorkers(Program.SCORING_WORKER, options.scoringWorkers());
        addWorkers(Program.GPU_WORKER, options.gpuWorkers());
        addWorkers(Program.EVAL_WORKER, options.evalWorkers());
    }

    /**
     * Starts all and returns when all are ready.
     *
     * @param commands the command line of each program, {@link Installation#command}
     * @param notice   is told in one line when a process had to be started again
     * @throws StackException if one does not come up; then none is left
     */
    public static LocalStack start(Function<Program, List<String>> commands, StackOptions options,
            Consumer<String> notice)
            throws StackException, InterruptedException {
        LocalStack stack = prepare(commands, options, notice);
        try {
            stack.startAll();
            return stack;
        } catch (StackException | InterruptedException | RuntimeException e) {
            stack.close();
            throw e;
        }
    }

    /** A stack that has not started: for who must be able to close it at any moment. */
    public static LocalStack prepare(Function<Program, List<String>> commands, StackOptions options,
            Consumer<String> notice)
            throws StackException {
        try {
            Files.createDirectories(options.data().resolve("logs"));
            Files.createDirectories(options.data().resolve("artifacts"));
        } catch (IOException e) {
            throw new StackException("the data folder cannot be made: " + e, e);
        }
        return new LocalStack(commands, options, notice);
    }

    public void startAll() throws StackException, InterruptedException {
        broker.start();
        bootstrapServers = broker.awaitReady(READY);
        coordinator.start();
        for (Member worker : workers) {
            worker.start();
        }
        server = URI.create(coordinator.awaitReady(READY));
        for (Member worker : workers) {
            worker.awaitReady(READY);
        }
    }

    /** {@code host:port} of the broker. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /** Address of the coordinator. */
    public URI server() {
        return server;
    }

    /** Completes with the reason when a process cannot be kept running. */
    public CompletableFuture<StackException> givenUp() {
        return CompletableFuture.anyOf(all().stream().map(Member::givenUp).toArray(CompletableFuture[]::new))
                .thenApply(StackException.class::cast);
    }

    /** Ids of the running processes, broker first. */
    public List<Long> pids() {
        return pids(all());
    }

    /** Ids of the running processes of one program. */
    public List<Long> pids(Program program) {
        return pids(all().stream().filter(member -> member.program() == program).toList());
    }

    private static List<Long> pids(List<Member> members) {
        return members.stream().map(Member::current).filter(c -> c != null && c.isAlive()).map(ChildProcess::pid)
                .toList();
    }

    /** Workers give their tasks back, then the coordinator ends, then the broker. */
    @Override
    public void close() {
        List<Thread> stops = workers.stream()
                .map(worker -> Thread.ofPlatform().name("stop-worker").start(() -> worker.stop(STOP))).toList();
        for (Thread stop : stops) {
            join(stop);
        }
        coordinator.stop(STOP);
        broker.stop(STOP);
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<Member> all() {
        List<Member> all = new ArrayList<>(List.of(broker, coordinator));
        all.addAll(workers);
        return all;
    }

    private void addWorkers(Program program, int count) {
        for (int i = 1; i <= count; i++) {
            workers.add(member(program, program.name() + "-" + i));
        }
    }

    private Member member(Program program, String name) {
        Path log = options.data().resolve("logs").resolve(name + ".log");
        return new Member(program, name, commands.apply(program), () -> environment(program), log, notice);
    }

    private Map<String, String> environment(Program program) {
        Map<String, String> environment = new HashMap<>();
        environment.put("ESPALIER_PARENT_PID", Long.toString(ProcessHandle.current().pid()));
        environment.put("ESPALIER_DATA", options.data().resolve("broker").toString());
        environment.put("ESPALIER_ARTIFACTS", options.data().resolve("artifacts").toString());
        environment.put("ESPALIER_HTTP_HOST", "127.0.0.1");
        environment.put("ESPALIER_HTTP_PORT", Integer.toString(program == Program.COORDINATOR ? httpPort() : 0));
        environment.put("ESPALIER_DEVICE", options.device());
        environment.put("OMP_WAIT_POLICY", "passive");
        environment.put("OPT_OUT_TRACKING", "true");
        int sharing = sharingMemory(program);
        if (sharing > 0 && System.getenv(MEMORY) == null) {
            environment.put(MEMORY, Long.toString(memoryMebibytes() / 2 / sharing));
        }
        if (bootstrapServers != null) {
            environment.put("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
        }
        return environment;
    }

    /** Workers of a kind that plans by half of the machine: stages follow one another, so one kind is busy at a time. */
    private int sharingMemory(Program program) {
        if (program == Program.SCORING_WORKER) {
            return options.scoringWorkers();
        }
        return program == Program.GPU_WORKER ? options.gpuWorkers() : 0;
    }

    /** Of the machine or container. */
    private static long memoryMebibytes() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getTotalMemorySize() >> 20;
    }

    /** A coordinator that is started again keeps its address. */
    private int httpPort() {
        return server == null ? options.httpPort() : server.getPort();
    }
}
