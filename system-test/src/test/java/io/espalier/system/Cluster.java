package io.espalier.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.espalier.cli.request.JobNames;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.LocalStack;
import io.espalier.cli.stack.Program;
import io.espalier.cli.stack.StackOptions;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A whole Espalier on this machine: real broker, coordinator and workers, each a process that a test may kill. Dead
 * processes are started again, as a supervisor would.
 */
final class Cluster implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final Pattern READY = Pattern.compile("READY \\S+ (http://\\S+)");
    private static final ObjectMapper YAML = new YAMLMapper();

    private final LocalStack stack;
    private final CoordinatorClient client;
    private final StackOptions options;
    private final Function<Program, List<String>> commands;
    private final List<Process> more = new ArrayList<>();

    private Cluster(LocalStack stack, StackOptions options, Function<Program, List<String>> commands) {
        this.stack = stack;
        this.commands = commands;
        this.options = options;
        this.client = new CoordinatorClient(stack.server(), null);
    }

    static Cluster start(Path data, int scoringWorkers, int gpuWorkers, int evalWorkers) throws Exception {
        return start(data, scoringWorkers, gpuWorkers, evalWorkers, Map.of());
    }

    /** @param environment of all processes, besides what the stack sets */
    static Cluster start(Path data, int scoringWorkers, int gpuWorkers, int evalWorkers,
            Map<String, String> environment) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        Installation installation = new Installation(Repository.ROOT, java);
        Function<Program, List<String>> commands = program -> Stream.concat(
                Stream.concat(Stream.of("env"), environment.entrySet().stream().map(Map.Entry::toString)),
                installation.command(program).stream()).toList();
        StackOptions options = new StackOptions(scoringWorkers, gpuWorkers, evalWorkers, data, "cpu", 0);
        return new Cluster(LocalStack.start(commands, options, notice -> {}), options, commands);
    }

    /** One more worker, as somebody starts it on another machine; nobody starts it again. Returns when it is ready. */
    Process startWorker(Program program) throws IOException {
        Path log = options.data().resolve("logs").resolve(program.name() + "-more-" + (more.size() + 1) + ".log");
        ProcessBuilder builder = new ProcessBuilder(commands.apply(program)).redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers(),
                "ESPALIER_ARTIFACTS", artifacts().toString(), "ESPALIER_DEVICE", options.device(),
                "ESPALIER_HTTP_PORT", "0", "ESPALIER_PARENT_PID", Long.toString(ProcessHandle.current().pid())));
        Process worker = builder.start();
        more.add(worker);
        Awaitility.await(log + " says ready").atMost(PATIENCE).until(() -> addresses(text(log)).findAny().isPresent());
        return worker;
    }

    CoordinatorClient client() {
        return client;
    }

    String bootstrapServers() {
        return stack.bootstrapServers();
    }

    /** Where the workers serve their metrics, as their logs tell. */
    List<URI> workers() {
        return logs("worker").stream().flatMap(Cluster::addresses).toList();
    }

    /** What the processes with this word in their names have logged, each by itself. */
    List<String> logs(String name) {
        try (Stream<Path> logs = Files.list(options.data().resolve("logs"))) {
            return logs.filter(log -> log.getFileName().toString().contains(name)).map(Cluster::text).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<URI> addresses(String log) {
        return READY.matcher(log).results().map(match -> URI.create(match.group(1)));
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path artifacts() {
        return options.data().resolve("artifacts");
    }

    JobSnapshot submit(ObjectNode request) throws ServerException, InterruptedException {
        return submitAll(request).getFirst();
    }

    /** The jobs of a sweep. */
    List<JobSnapshot> submitAll(ObjectNode request) throws ServerException, InterruptedException {
        return client.submit(JobNames.fresh(request).value(), request);
    }

    /** Waits until a job is in a state that satisfies; a coordinator that is being restarted is waited for. */
    JobSnapshot await(JobSnapshot job, String what, Predicate<JobSnapshot> condition) {
        AtomicReference<JobSnapshot> last = new AtomicReference<>(job);
        Awaitility.await(what).atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            try {
                last.set(client.job(job.id().value()));
            } catch (ServerException e) {
                return false;
            }
            if (last.get().state().ended() && !condition.test(last.get())) {
                throw new IllegalStateException("the job is " + last.get().state() + " before " + what + ": "
                        + last.get().error());
            }
            return condition.test(last.get());
        });
        return last.get();
    }

    JobSnapshot awaitEnd(JobSnapshot job) {
        return await(job, "end of " + job.id(), j -> j.state().ended());
    }

    /** Waits until an attempt of a stage is under way. */
    JobSnapshot awaitWorking(JobSnapshot job, StageName stage) {
        return await(job, stage + " at work", j -> j.stages().stream()
                .anyMatch(s -> s.stage() == stage && !s.running().isEmpty()));
    }

    JsonNode report(JobSnapshot job) throws ServerException, InterruptedException {
        return client.report(job.id().value());
    }

    /** Ends the processes of one program as {@code kill -9} does; returns how many there were, when they are dead. */
    int kill(Program program) {
        List<ProcessHandle> victims = processes(program);
        victims.forEach(ProcessHandle::destroyForcibly);
        victims.forEach(victim -> victim.onExit().join());
        return victims.size();
    }

    /** Asks the processes of one program to go, as {@code kill} does. */
    int callAway(Program program) {
        List<ProcessHandle> called = processes(program);
        called.forEach(ProcessHandle::destroy);
        return called.size();
    }

    /** Sends the processes of one program a signal by name; {@code STOP} lets them stand still until {@code CONT}. */
    void signal(String signal, Program program) throws IOException, InterruptedException {
        for (long pid : stack.pids(program)) {
            int status = new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).inheritIO().start().waitFor();
            if (status != 0) {
                throw new IOException("kill -" + signal + " " + pid + " ended with " + status);
            }
        }
    }

    private List<ProcessHandle> processes(Program program) {
        return stack.pids(program).stream().flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
    }

    /** A request in YAML, as an object. */
    static ObjectNode request(String yaml) throws Exception {
        return (ObjectNode) YAML.readTree(yaml);
    }

    @Override
    public void close() {
        client.close();
        more.forEach(Process::destroy);
        more.forEach(worker -> worker.onExit().join());
        stack.close();
    }
}
