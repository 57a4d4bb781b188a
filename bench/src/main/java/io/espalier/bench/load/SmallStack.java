package io.espalier.bench.load;

import io.espalier.cli.stack.ChildProcess;
import io.espalier.cli.stack.Installation;
import io.espalier.cli.stack.Program;
import io.espalier.cli.stack.StackException;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.topic.Topic;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** A broker and one coordinator. */
final class SmallStack implements AutoCloseable {
    private static final Duration READY = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);
    /** Workers are not counted here: none is a member of a share group. */
    private static final String PLACES = "100000";
    private static final String LIMIT = "1000000";
    /** Both generations of the serial collector. */
    private static final Pattern HEAP = Pattern.compile("total \\d+K, used (\\d+)K");

    private final ChildProcess broker;
    private final ChildProcess coordinator;
    private final String bootstrapServers;
    private final URI server;
    private final Path java;
    private final HttpClient http = HttpClient.newHttpClient();

    SmallStack(Path folder, Installation installation) throws IOException, StackException, InterruptedException {
        java = installation.java();
        Path logs = Files.createDirectories(folder.resolve("logs"));
        Map<String, String> environment = new HashMap<>(Map.of("ESPALIER_PARENT_PID", Long.toString(ProcessHandle
                .current().pid()), "ESPALIER_DATA", folder.resolve("broker").toString(), "ESPALIER_ARTIFACTS", folder
                        .resolve("artifacts").toString(),
                "ESPALIER_TASKS_SPARE", PLACES, "ESPALIER_JOBS_LIMIT", LIMIT,
                "ESPALIER_HTTP_PORT", "0", "ESPALIER_LOG_LEVEL", "WARN"));
        broker = ChildProcess.start("broker", installation.command(Program.BROKER), environment, logs.resolve(
                "broker.log"));
        bootstrapServers = broker.awaitReady(READY);
        environment.put("ESPALIER_KAFKA_BOOTSTRAP_SERVERS", bootstrapServers);
        coordinator = ChildProcess.start("coordinator", installation.command(Program.COORDINATOR), environment, logs
                .resolve("coordinator.log"));
        server = URI.create(coordinator.awaitReady(READY));
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** Waits until so many jobs are in a state. */
    void awaitJobs(State state, int count) throws IOException, InterruptedException {
        Pattern metric = Pattern.compile("^espalier_jobs\\{state=\"" + state.name().toLowerCase(Locale.ROOT)
                + "\"} ([0-9.E]+)$", Pattern.MULTILINE);
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            Matcher found = metric.matcher(http.send(HttpRequest.newBuilder(server.resolve("/metrics")).build(),
                    HttpResponse.BodyHandlers.ofString()).body());
            if (found.find() && Double.parseDouble(found.group(1)) >= count) {
                return;
            }
            Thread.sleep(LOOK_EVERY);
        }
        throw new IOException("there are not " + count + " jobs " + state + " after " + PATIENCE.toMinutes()
                + " minutes");
    }

    /** Of the coordinator, after a collection. */
    long heapInUse() throws IOException, InterruptedException {
        jcmd("GC.run");
        return HEAP.matcher(jcmd("GC.heap_info")).results().mapToLong(part -> Long.parseLong(part.group(1)))
                .sum() << 10;
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(java.resolveSibling("jcmd").toString(), Long.toString(coordinator.pid()),
                command).redirectErrorStream(true).start();
        String answer = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return answer;
    }

    /** On the broker's disk. */
    long bytes(Topic topic) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(KafkaSettings.of(bootstrapServers).admin())) {
            return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream().flatMap(dirs -> dirs
                    .values().stream()).flatMap(dir -> dir.replicaInfos().entrySet().stream()).filter(replica -> replica
                            .getKey().topic().equals(topic.topicName()))
                    .mapToLong(replica -> replica.getValue().size()).sum();
        }
    }

    /** Keys and values of the last record of each key: what compaction leaves, without the records' headers. */
    long keptBytes(Topic topic) {
        Map<String, Integer> last = new HashMap<>();
        try (var consumer = new KafkaConsumer<String, byte[]>(KafkaSettings.of(bootstrapServers).consumer("kept"))) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic.topicName()).stream().map(
                    info -> new TopicPartition(info.topic(), info.partition())).toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL)
                        .forEach(record -> last.put(record.key(), record.value() == null ? 0 : record.value().length));
            }
        }
        return last.entrySet().stream().mapToLong(entry -> entry.getKey().length() + entry.getValue()).sum();
    }

    @Override
    public void close() {
        http.close();
        coordinator.stop(STOP);
        broker.stop(STOP);
    }
}
