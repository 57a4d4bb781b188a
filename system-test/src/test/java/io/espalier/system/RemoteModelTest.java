package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.artifacts.LoopbackS3;
import io.espalier.model.config.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model and a text on S3, from the command line to the result, through S3's wire protocol on loopback. */
class RemoteModelTest {
    @TempDir
    private Path folder;
    private LoopbackS3 s3;

    @BeforeEach
    void upload() throws IOException {
        s3 = new LoopbackS3();
        Path examples = Repository.ROOT.resolve("examples");
        try (Stream<Path> files = Files.list(examples.resolve("models/stories"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                s3.store("team/stories/" + file.getFileName(), Files.readAllBytes(file));
            }
        }
        s3.store("team/stories.jsonl", Files.readAllBytes(examples.resolve("data/tinystories-calibration.jsonl")));
    }

    @AfterEach
    void close() {
        s3.close();
    }

    @Test
    void isPrunedLikeOneOnThisMachine() throws Exception {
        Path request = Files.writeString(folder.resolve("request.yaml"), """
                model: s3://models/team/stories
                method: { name: llm-pruner }
                target: { parameters: 0.9 }
                calibration: { text: s3://models/team/stories.jsonl, samples: 4, length: 32 }
                evaluation: { perplexity: [ { name: stories, text: s3://models/team/stories.jsonl, length: 64 } ] }
                """);
        Launcher.Outcome check = espalier(Map.of(), "check", request.toString());
        assertThat(check.status()).as(check.err()).isZero();
        assertThat(check.out()).contains("260,032", "formats");
        Path out = folder.resolve("out");
        Launcher.Outcome refused = espalier(Map.of("ESPALIER_ROOTS", folder + ",s3://models/other"), "prune",
                request.toString(), "--out", out.toString());
        assertThat(refused.status()).isEqualTo(2);
        assertThat(refused.err()).contains("/model", "s3://models/team/stories is outside", "s3://models/other");
        Launcher.Outcome run = espalier(Map.of("ESPALIER_ROOTS", folder + ",s3://models/team"), "prune",
                request.toString(), "--out", out.toString(), "-o", "json");
        assertThat(run.status()).as(run.err()).isZero();
        JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
        assertThat(report.at("/request/model").asText()).isEqualTo("s3://models/team/stories");
        assertThat(report.at("/models/pruned/perplexity/stories@64").asDouble()).isGreaterThan(1);
        assertThat(ModelConfig.read(out.resolve("model")).parameters()).isLessThan(234_029);
        try (Stream<Path> copies = Files.list(folder.resolve("copies/copies"))) {
            assertThat(copies).as("model and text, once each for check and three workers").hasSize(2);
        }
    }

    private Launcher.Outcome espalier(Map<String, String> more, String... arguments) throws Exception {
        var environment = new HashMap<>(more);
        environment.putAll(Map.of("AWS_ACCESS_KEY_ID", "test", "AWS_SECRET_ACCESS_KEY", "test", "AWS_ENDPOINT_URL_S3",
                s3.endpoint().toString(), "ESPALIER_COPIES_FOLDER", folder.resolve("copies").toString()));
        return Launcher.run(environment, folder, arguments);
    }
}
