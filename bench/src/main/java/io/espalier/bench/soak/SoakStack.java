package io.espalier.bench.soak;

import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.Program;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.process.Ports;
import io.espalier.protocol.message.WorkerKind;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** A broker behind a proxy, two coordinators, and two workers of each kind. */
final class SoakStack implements AutoCloseable {
    static final Duration LEASE = Duration.ofSeconds(3);
    private static final int COORDINATORS = 2;
    private static final int WORKERS_PER_KIND = 2;
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(15);
    private static final Program TOY = new Program("toy-worker", "bench", ToyWorker.class.getName(), false);

    private final Path folder;
    private final Installation installation;
    private final Victim broker;
    private final SlowProxy network;
    private final int networkPort = Ports.free();
    private final List<Victim> coordinators = new ArrayList<>();
    private final List<URI> servers = new ArrayList<>();
    private final List<Victim> workers = new ArrayList<>();

    /** @param folder of everything the stack keeps */
    SoakStack(Path folder, Installation installation) throws IOException, StackException, InterruptedException {
        this.folder = folder;
        this.installation = installation;
        Files.createDirectories(folder.resolve("logs"));
        Files.createDirectories(artifacts());
        int brokerPort = Ports.free();
        network = new SlowProxy(networkPort, brokerPort);
        broker = victim("broker", installation.command(Program.BROKER), _ -> Map.of("ESPALIER_DATA", folder.resolve(
                "broker").toString(), "ESPALIER_BROKER_PORT", Integer.toString(brokerPort),
                "ESPALIER_BROKER_ADVERTISED_PORT", Integer.toString(networkPort)));
        for (int i = 1; i <= COORDINATORS; i++) {
            addCoordinator("coordinator-" + i, Ports.free());
        }
        for (WorkerKind kind : WorkerKind.values()) {
            for (int i = 1; i <= WORKERS_PER_KIND; i++) {
                addWorker(kind, kind.label() + "-" + i);
            }
        }
        start();
    }

    private void addCoordinator(String name, int port) {
        coordinators.add(victim(name, installation.command(Program.COORDINATOR), _ -> Map.of("ESPALIER_HTTP_PORT",
                Integer.toString(port))));
        servers.add(URI.create("http://127.0.0.1:" + port));
    }

    private void addWorker(WorkerKind kind, String name) {
        List<String> command = new ArrayList<>(installation.command(TOY));
        command.add(kind.label());
        workers.add(victim(name, command, life -> Map.of("ESPALIER_WORKER_ID", name + "." + life,
                "ESPALIER_HTTP_PORT", "0")));
    }

    private Victim victim(String name, List<String> command, IntFunction<Map<String, String>> own) {
        return new Victim(name, command, life -> {
            Map<String, String> environment = new HashMap<>(Map.of("ESPALIER_PARENT_PID", Long.toString(ProcessHandle
                    .current().pid()), "ESPALIER_ARTIFACTS", artifacts().toString(), "ESPALIER_LEASE_SECONDS", Long
                            .toString(LEASE.toSeconds()),
                    "ESPALIER_HTTP_HOST", "127.0.0.1",
                    "ESPALIER_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers()));
            environment.putAll(own.apply(life));
            return environment;
        }, folder.resolve("logs").resolve(name + ".log"));
    }

    private void start() throws StackException, InterruptedException {
        try {
            broker.start();
            broker.awaitReady(READY);
            coordinators.forEach(Victim::start);
            workers.forEach(Victim::start);
            for (Victim victim : all()) {
                victim.awaitReady(READY);
            }
        } catch (StackException | InterruptedException e) {
            close();
            throw e;
        }
    }

    /** Through the proxy. */
    String bootstrapServers() {
        return "127.0.0.1:" + networkPort;
    }

    Path artifacts() {
        return folder.resolve("artifacts");
    }

    List<URI> servers() {
        return servers;
    }

    Victim broker() {
        return broker;
    }

    List<Victim> coordinators() {
        return coordinators;
    }

    List<Victim> workers() {
        return workers;
    }

    SlowProxy network() {
        return network;
    }

    private List<Victim> all() {
        List<Victim> all = new ArrayList<>(workers);
        all.addAll(coordinators);
        all.add(broker);
        return all;
    }

    /** Workers first, the broker last. */
    @Override
    public void close() {
        List<Thread> stops = workers.stream().map(worker -> Thread.ofVirtual().start(() -> worker.stop(STOP))).toList();
        try {
            for (Thread stop : stops) {
                stop.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        coordinators.forEach(coordinator -> coordinator.stop(STOP));
        broker.stop(STOP);
        try {
            network.close();
        } catch (IOException e) {
            // nobody is left to use it
        }
    }
}
