package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkKeyTest {
    private static final String DIGEST = "d".repeat(64);
    private static final ModelSource MODEL = new ModelSource.Folder("/models/a", DIGEST);
    private static final ArtifactRef STATISTICS = ArtifactRef.file("a".repeat(64), 10);

    @TempDir
    private Path folder;
    private final WorkKey keys = new WorkKey("version 1");

    @Test
    void theModelCountsByItsContentAndNotByItsPlace() throws IOException {
        assertThat(keys.of(score(MODEL, 0))).isPresent()
                .isEqualTo(keys.of(score(new ModelSource.Folder("/mnt/a", DIGEST), 0)))
                .isNotEqualTo(keys.of(score(new ModelSource.Folder("/models/a", "e".repeat(64)), 0)));
    }

    @Test
    void everythingElseOfTheWorkCounts() throws IOException {
        assertThat(keys.of(score(MODEL, 0))).isNotEqualTo(keys.of(score(MODEL, 1)));
    }

    @Test
    void theVersionOfTheCodeCounts() throws IOException {
        assertThat(keys.of(score(MODEL, 0))).isNotEqualTo(new WorkKey("version 2").of(score(MODEL, 0)));
    }

    @Test
    void labelAndOutputOfARequestDoNotCount() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "Once");
        Optional<String> key = keys.of(rank("first", "/out/1", 0.8, text));
        assertThat(key).isPresent().isEqualTo(keys.of(rank("second", "/out/2", 0.8, text)));
        assertThat(key).isNotEqualTo(keys.of(rank("first", "/out/1", 0.7, text)));
    }

    @Test
    void aTextCountsByItsContent() throws IOException {
        Path text = Files.writeString(folder.resolve("text"), "Once");
        Path copy = Files.writeString(folder.resolve("copy"), "Once");
        Optional<String> key = keys.of(perplexity(MODEL, text.toString()));
        assertThat(key).isPresent().isEqualTo(keys.of(perplexity(MODEL, copy.toUri().toString())));
        Files.writeString(text, "Twice");
        assertThat(keys.of(perplexity(MODEL, text.toString()))).isPresent().isNotEqualTo(key);
    }

    @Test
    void labelsBesideTheRowsCount() throws IOException {
        Path rows = Files.writeString(folder.resolve("valid.jsonl"), "{}");
        var task = new Work.ZeroShot(MODEL, new Evaluation.Task("piqa", rows.toString(), null));
        Files.writeString(folder.resolve("valid-labels.lst"), "0");
        Optional<String> key = keys.of(task);
        Files.writeString(folder.resolve("valid-labels.lst"), "1");
        assertThat(keys.of(task)).isPresent().isNotEqualTo(key);
    }

    @Test
    void whatIsNotKnownByContentIsNotCached() throws IOException {
        assertThat(keys.of(score(new ModelSource.Folder("/models/a", null), 0))).isEmpty();
        assertThat(keys.of(perplexity(MODEL, folder.resolve("missing").toString()))).isEmpty();
    }

    @Test
    void measurementsAndExportsAreNotCached() throws IOException {
        assertThat(keys.of(new Work.Cost(Map.of(Subject.ORIGINAL, MODEL)))).isEmpty();
        assertThat(keys.of(new Work.Export(MODEL, MODEL, STATISTICS, null, "/out", List.of("hf"),
                JsonNodeFactory.instance.objectNode(), Map.of()))).isEmpty();
    }

    @Test
    void equalWorkOfTwoTasksHasCheckpointsApart() {
        assertThat(keys.ofTask("a/0/0/0", score(MODEL, 0))).isEqualTo(keys.ofTask("a/0/0/0", score(MODEL, 0)))
                .isNotEqualTo(keys.ofTask("b/0/0/0", score(MODEL, 0)));
    }

    /** What tasks of one work leave for each other is found by those of equal work, unless results are not shared. */
    @Test
    void workInCommonHasOneNameForAllJobsWhereResultsAreShared() throws IOException {
        var shared = new StageCache(null, keys, true);
        var apart = new StageCache(null, keys, false);
        Work whole = score(MODEL, 0);
        ModelSource elsewhere = new ModelSource.Folder("/mnt/a", DIGEST);

        String name = shared.nameInCommon(task("a", 0, false), whole);
        assertThat(name).isEqualTo(shared.nameInCommon(task("b", 1, false), score(elsewhere, 0)))
                .isNotEqualTo(shared.nameInCommon(task("a", 0, false), score(MODEL, 1)));
        for (String own : List.of(shared.nameInCommon(task("a", 0, true), whole),
                apart.nameInCommon(task("a", 0, false), whole))) {
            assertThat(own).isNotEqualTo(name).isEqualTo(apart.nameInCommon(task("a", 1, true), score(elsewhere, 0)))
                    .isNotEqualTo(apart.nameInCommon(task("b", 0, true), whole));
        }
        Work unknown = score(new ModelSource.Folder("/models/a", null), 0);
        assertThat(shared.nameInCommon(task("a", 0, false), unknown)).isEqualTo(
                shared.nameInCommon(task("a", 1, false), unknown)).isNotEqualTo(
                        shared.nameInCommon(task("b", 0, false), unknown));
    }

    private static Task task(String job, int index, boolean fresh) {
        return new Task(new TaskId(new JobId(job), 1, 0, index), StageName.SCORE, score(MODEL, 0), 1, 1, null,
                Instant.EPOCH, fresh);
    }

    private static Work score(ModelSource model, int set) {
        return new Work.Score(model, method(), null, STATISTICS, new Shard(0, 4, 0, 8), set);
    }

    private static Work perplexity(ModelSource model, String text) {
        return new Work.Perplexity(model, new Evaluation.Perplexity("p", text, 128, null));
    }

    private static Work rank(String name, String output, double parameters, Path text) {
        return rank(request(name, output, parameters, text, null));
    }

    private static Work rank(PruningRequest request) {
        return new Work.Rank(MODEL, request, List.of(STATISTICS), null, 1, 1, null);
    }

    private static Work measure(PruningRequest request) {
        return new Work.Measure(MODEL, request, List.of(STATISTICS), STATISTICS);
    }

    private static PruningRequest request(String name, String output, double parameters, Path text,
            Evaluation evaluation) {
        return new PruningRequest(name, "models/a", method(), new Target(parameters, null, null, null, null), null,
                null,
                new PruningRequest.Calibration(text.toString(), 10, 64, 42), null, null, evaluation,
                new PruningRequest.Output(output, List.of("hf")), Map.of("team", name), output.length() % 5 + 1, true);
    }

    private static MethodSpec method() {
        return new MethodSpec(JsonNodeFactory.instance.objectNode().put("name", "magnitude"));
    }
}
