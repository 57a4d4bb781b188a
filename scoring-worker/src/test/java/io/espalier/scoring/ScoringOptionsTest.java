package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.text.TokenFile;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.MethodCatalogue;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.request.RequestReader;
import io.espalier.worker.task.FakeContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link MethodSpec#forScoring} leaves out has no influence on statistics: every option is changed and tried. */
class ScoringOptionsTest {
    private static final ModelSource MODEL = new ModelSource.Folder(Requests.STORIES.toString(), null);
    private static final RequestReader READER = new RequestReader();

    @TempDir
    Path folder;

    static Stream<String> methods() {
        return READER.methods().all().stream().map(MethodCatalogue.Method::name);
    }

    @ParameterizedTest
    @MethodSource("methods")
    void optionsThatSharingIgnoresLeaveTheStatisticsAlone(String name) throws Exception {
        MethodSpec whole = Requests.read("""
                model: STORIES
                method: { name: METHOD }
                target: { parameters: 0.8 }
                calibration: { text: TEXT, samples: 12, length: 16 }
                """.replace("METHOD", name)).method();
        try (ArtifactStore artifacts = ArtifactStores.open(folder.resolve("artifacts").toString())) {
            ArtifactRef statistics = score(whole.forScoring(), artifacts);
            for (MethodCatalogue.Option option : READER.methods().get(name).options()) {
                for (ObjectNode changed : others(whole, option)) {
                    if (new MethodSpec(changed).forScoring().equals(whole.forScoring())) {
                        assertThat(score(new MethodSpec(changed), artifacts)).as(changed.toString()).isEqualTo(
                                statistics);
                    }
                }
            }
        }
    }

    private static Iterable<ObjectNode> others(MethodSpec whole, MethodCatalogue.Option option) {
        return switch (option.type().split("[ ,]")[0]) {
            case "integer" -> Stream.of(1, 3).map(value -> whole.json().deepCopy().put(option.name(), value)).toList();
            case "number" -> Stream.of(0.3, 0.9).map(value -> whole.json().deepCopy().put(option.name(), value))
                    .toList();
            case "boolean" -> Stream.of(true, false).map(value -> whole.json().deepCopy().put(option.name(), value))
                    .toList();
            case "one" -> Arrays.stream(option.type().substring("one of ".length()).split(", ")).map(value -> whole
                    .json().deepCopy().put(option.name(), value)).toList();
            default -> throw new IllegalStateException("a new type of option: " + option.type());
        };
    }

    private ArtifactRef score(MethodSpec method, ArtifactStore artifacts) throws Exception {
        int sets = method.has("sets") ? method.integer("sets") : 1;
        Random random = new Random(1);
        int[][] tokens = Stream.generate(() -> random.ints(16, 3, 500).toArray()).limit(12L * sets).toArray(
                int[][]::new);
        Path file = folder.resolve("tokens.safetensors");
        TokenFile.write(file, tokens);
        var work = new Work.Score(MODEL, method, null, artifacts.putFile(file), new Shard(0, 5, 0, 12), 0);
        return new ScoreHandler(Device.cpu(), 4L << 30, 4L << 30)
                .run(work, new FakeContext(artifacts, Files.createTempDirectory(folder, "scratch")))
                .outputs()
                .get("statistics");
    }
}
