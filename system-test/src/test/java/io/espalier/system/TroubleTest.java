package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.StageName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Broken inputs and changed minds: one clear message each, nothing half-written, and the stack goes on working. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TroubleTest {
    @TempDir
    static Path folder;
    private Cluster cluster;
    private Path out;
    private Path model;

    @BeforeAll
    void start() throws Exception {
        cluster = Cluster.start(folder.resolve("data"), 1, 1, 1);
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @BeforeEach
    void copyModel(TestInfo test) throws IOException {
        String name = test.getTestMethod().orElseThrow().getName();
        out = folder.resolve("out-" + name);
        model = Files.createDirectory(folder.resolve("model-" + name));
        try (Stream<Path> files = Files.list(Repository.EXAMPLES.resolve("models/stories"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, model.resolve(file.getFileName()));
            }
        }
    }

    @AfterEach
    void theStackIsStillUsable(TestInfo test) throws Exception {
        Path result = folder.resolve("after-" + test.getTestMethod().orElseThrow().getName());
        JobSnapshot job = cluster.awaitEnd(cluster.submit(Requests.quick("after", result)));
        assertThat(job.state()).as("%s", job.error()).isEqualTo(JobSnapshot.State.SUCCEEDED);
    }

    @Test
    void aMissingModel() throws Exception {
        Files.walk(model).sorted(java.util.Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
        assertFails("model", model.toString());
    }

    @Test
    void aTruncatedFile() throws Exception {
        Path weights = model.resolve("model.safetensors");
        try (FileChannel file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            file.truncate(file.size() / 2);
        }
        assertFails("model.safetensors");
    }

    @Test
    void aHeaderThatLies() throws Exception {
        try (FileChannel file = FileChannel.open(model.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40), 0);
        }
        assertFails("model.safetensors", "header");
    }

    @Test
    void anUnknownFamily() throws Exception {
        Path config = model.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"llama\"", "\"mamba\""));
        assertFails("mamba", "llama");
    }

    @Test
    void weightsThatAreNoNumbers() throws Exception {
        Path weights = model.resolve("model.safetensors");
        try (FileChannel file = FileChannel.open(weights, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, Float.NaN), file.size() - 4);
        }
        assertFails("NaN");
    }

    @Test
    void aMissingText() throws Exception {
        ObjectNode request = request();
        request.withObject("/evaluation/perplexity/0").put("text", "/nowhere/valid.txt");
        assertFails(request, "/nowhere/valid.txt");
    }

    @Test
    void aForeignFolderInThePlaceOfTheResult() throws Exception {
        Files.createDirectory(out);
        Files.writeString(out.resolve("thesis.tex"), "ten years of work");
        JobSnapshot job = cluster.awaitEnd(cluster.submit(request()));
        assertThat(job.state()).isEqualTo(JobSnapshot.State.FAILED);
        assertThat(job.error().message()).contains(out.toString());
        assertThat(out).isDirectoryNotContaining("glob:**model").isDirectoryContaining("glob:**thesis.tex");
    }

    @Test
    void aRequestThatIsWrong() throws Exception {
        Path file = folder.resolve("wrong.yaml");
        Files.writeString(file, """
                model: %s
                method: { name: llm-pruner, criterium: param_first }
                target: { parameters: 1.8 }
                """.formatted(model));
        Launcher.Outcome outcome = Launcher.run(folder, "prune", file.toString(), "--out", out.toString());
        assertThat(outcome.status()).isEqualTo(2);
        assertThat(outcome.out()).isEmpty();
        assertThat(outcome.err()).contains("criterium").contains("criterion").contains("/target/parameters");
        assertThat(out).doesNotExist();
    }

    @Test
    void cancelFreesTheWorker() throws Exception {
        ObjectNode request = Requests.thorough("cancelled", out);
        request.withObject("/recovery/lora").put("steps", 100_000);
        JobSnapshot job = cluster.submit(request);
        cluster.awaitWorking(job, StageName.RECOVER);
        cluster.client().command(job.id().value(), "cancel");
        JobSnapshot ended = cluster.awaitEnd(job);
        assertThat(ended.state()).isEqualTo(JobSnapshot.State.CANCELLED);
        assertThat(out).doesNotExist();
        // The only gpu-worker must be free again: the job after this test needs it for SLICE.
    }

    private ObjectNode request() throws Exception {
        return Requests.quick("trouble", out).put("model", model.toString());
    }

    private void assertFails(String... words) throws Exception {
        assertFails(request(), words);
    }

    private void assertFails(ObjectNode request, String... words) throws Exception {
        JobSnapshot job = cluster.awaitEnd(cluster.submit(request));
        assertThat(job.state()).isEqualTo(JobSnapshot.State.FAILED);
        assertThat(job.error().message()).contains(words).doesNotContain("Exception");
        assertThat(List.of(job.error().message().split("\n"))).as("one message").hasSize(1);
        assertThat(out).doesNotExist();
    }
}
