package io.espalier.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.TopicAdmin;
import io.espalier.platform.kafka.TopicSettings;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker as users run it: a process of its own. */
class BrokerProcessTest {
    private static final TopicPartition PARTITION = new TopicPartition("espalier.control", 0);

    @TempDir
    private Path data;
    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void leaveNothingBehind() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void afterAKillItIsBackWithWhatItHadAndThenStopsCleanly() throws Exception {
        Process killed = start(Map.of());
        String address = readyLine(killed);
        write(address, 42);
        killed.destroyForcibly().waitFor();

        Process restarted = start(Map.of());
        assertThat(readyLine(restarted)).isEqualTo(address);
        assertThat(values(address, 1)).containsExactly(42);
        write(address, 43);
        assertThat(values(address, 2)).containsExactly(42, 43);

        restarted.destroy(); // SIGTERM
        assertThat(restarted.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(restarted.exitValue()).isEqualTo(128 + 15);
    }

    @Test
    void aSecondBrokerOnTheSameDataIsRefusedInOneSentence() throws Exception {
        String address = readyLine(start(Map.of()));
        Process second = start(Map.of());
        String complaint = new String(second.getErrorStream().readAllBytes(), UTF_8);
        assertThat(second.waitFor()).isEqualTo(1);
        assertThat(complaint.lines()).singleElement().asString().startsWith("broker: port " + address + " is taken");
    }

    @Test
    void endsWhenItsParentHasGone() throws Exception {
        Process parent = new ProcessBuilder("sleep", "600").start();
        started.add(parent);
        Process broker = start(Map.of("ESPALIER_PARENT_PID", Long.toString(parent.pid())));
        readyLine(broker);
        parent.destroyForcibly();
        assertThat(broker.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void withoutDataFolderItSaysWhatToSet() throws Exception {
        Process broker = start(Map.of("ESPALIER_DATA", ""));
        assertThat(new String(broker.getErrorStream().readAllBytes(), UTF_8)).contains("set ESPALIER_DATA");
        assertThat(broker.waitFor()).isEqualTo(1);
    }

    private Process start(Map<String, String> environment) throws IOException {
        var builder = new ProcessBuilder(ProcessHandle.current().info().command().orElseThrow(), "-Xmx256m",
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow", "-cp", System.getProperty("java.class.path"),
                BrokerMain.class.getName());
        builder.environment().put("ESPALIER_DATA", data.toString());
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private static String readyLine(Process broker) throws IOException {
        String line = new BufferedReader(new InputStreamReader(broker.getInputStream(), UTF_8)).readLine();
        assertThat(line).startsWith("READY 127.0.0.1:");
        return line.substring("READY ".length());
    }

    private static void write(String address, int value) throws Exception {
        KafkaSettings kafka = KafkaSettings.of(address);
        try (var admin = new TopicAdmin(kafka, TopicSettings.defaults())) {
            admin.ensure();
        }
        try (var producer = new KafkaProducer<String, byte[]>(kafka.producer("test"))) {
            producer.send(new ProducerRecord<>(PARTITION.topic(), "job-1", new byte[]{(byte) value})).get();
        }
    }

    private static List<Integer> values(String address, int count) {
        try (var consumer = new KafkaConsumer<String, byte[]>(KafkaSettings.of(address).consumer("test"))) {
            consumer.assign(Set.of(PARTITION));
            consumer.seekToBeginning(Set.of(PARTITION));
            var values = new ArrayList<Integer>();
            while (values.size() < count) {
                consumer.poll(Duration.ofSeconds(1)).forEach(record -> values.add((int) record.value()[0]));
            }
            return values;
        }
    }
}
