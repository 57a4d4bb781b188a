package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.importance.Statistics;
import io.espalier.worker.task.FakeContext;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SCORE tasks that are ranges of layers, through a store. */
class LayerRangesTest {
    private static final ModelSource MODEL = new ModelSource.Folder(Requests.STORIES.toString(), null);
    private static final int SAMPLES = 8;
    private static final long MEMORY = 4L << 30;
    private static final String REQUEST = """
            model: STORIES
            method: { name: llm-pruner, layerRanges: 2 }
            target: { parameters: 0.8 }
            calibration: { text: TEXT, samples: 8, length: 32 }
            """;

    @TempDir
    Path folder;

    private ArtifactStore artifacts;
    private int contexts;

    @BeforeEach
    void open() throws IOException {
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"name: llm-pruner", "name: llm-pruner, criterion: param_mix", "name: nirvana, sets: 1"})
    void makeThePlanOfOneTaskAndLeaveNothingBehind(String method) throws Exception {
        PruningRequest request = Requests.read(REQUEST.replace("name: llm-pruner", method));
        TaskResult prepared = prepare(request);
        List<Work.Score> works = works(request, prepared);
        long before = files();

        List<TaskResult> together = together(works);

        assertThat(files() - before).as("artifacts, their results aside").isEqualTo(works.size());
        assertThat(entries()).as("names of what was handed on").isZero();
        assertThat(together).extracting(result -> result.facts().get("received").intValue())
                .as("micro-batches of 2 of 8 samples, or of 1").allMatch(received -> received == 4 || received == 8);
        PruningRequest alone = Requests.read(REQUEST.replace("name: llm-pruner, layerRanges: 2", method));
        Work.Score whole = new Work.Score(MODEL, alone.method(), alone.layers(), prepared.outputs().get("calibration"),
                new Shard(0, 5, 0, SAMPLES), 0);
        assertThat(plan(request, together)).isEqualTo(plan(request, List.of(handler(MEMORY).run(whole, context()))));
    }

    /** A worker without room for its range passes the model block by block and finds the same, to the last bit. */
    @Test
    void withoutRoomWorkAlone() throws Exception {
        PruningRequest request = Requests.read(REQUEST);
        List<Work.Score> works = works(request, prepare(request));
        List<TaskResult> alone = new ArrayList<>();
        for (Work.Score work : works) {
            alone.add(handler(MEMORY).run(work, context().resumingFrom(artifacts.putBytes(new byte[]{1}))));
        }
        assertThat(alone).noneMatch(result -> result.facts().has("received"));
        List<TaskResult> together = together(works);
        assertThat(statistics(together)).isEqualTo(statistics(alone));
    }

    @Test
    void whoWaitsHearsThatTheJobIsCancelled() throws Exception {
        PruningRequest request = Requests.read(REQUEST);
        Work.Score upper = works(request, prepare(request)).getLast();
        assertThatThrownBy(() -> handler(MEMORY).run(upper, context().interruptedAt("waiting for the layers beside")))
                .isInstanceOf(InterruptedException.class);
    }

    @Test
    void theLastRangeHasFewerLayersWhereTheHeadIsLarge() throws Exception {
        PruningRequest request = Requests.read(REQUEST);
        assertThat(works(request, prepare(request))).extracting(Work.Score::shard)
                .containsExactly(new Shard(0, 3, 0, SAMPLES), new Shard(3, 5, 0, SAMPLES));
    }

    private TaskResult prepare(PruningRequest request) throws Exception {
        return new PrepareHandler().run(new Work.Prepare(MODEL, request, 0), context());
    }

    private static List<Work.Score> works(PruningRequest request, TaskResult prepared) {
        List<Integer> starts = Json.events().convertValue(prepared.facts(), ModelFacts.class).rangeStarts();
        List<Work.Score> works = new ArrayList<>();
        for (int i = 0; i < starts.size(); i++) {
            int to = i + 1 < starts.size() ? starts.get(i + 1) : 5;
            works.add(new Work.Score(MODEL, request.method().forScoring(), request.layers(),
                    prepared.outputs().get("calibration"), new Shard(starts.get(i), to, 0, SAMPLES), 0));
        }
        return works;
    }

    private List<TaskResult> together(List<Work.Score> works) throws Exception {
        try (ExecutorService workers = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<TaskResult>> running = new ArrayList<>();
            for (Work.Score work : works) {
                FakeContext context = context();
                running.add(workers.submit(() -> handler(MEMORY).run(work, context)));
            }
            List<TaskResult> results = new ArrayList<>();
            for (Future<TaskResult> result : running) {
                results.add(result.get());
            }
            return results;
        }
    }

    private ArtifactRef plan(PruningRequest request, List<TaskResult> scored) throws Exception {
        List<ArtifactRef> statistics = scored.stream().map(result -> result.outputs().get("statistics")).toList();
        return new RankHandler().run(new Work.Rank(MODEL, request, statistics, null, 1, 1, null), context()).outputs()
                .get("plan");
    }

    private List<String> statistics(List<TaskResult> results) {
        return results.stream().map(result -> result.outputs().get("statistics").sha256()).toList();
    }

    private static ScoreHandler handler(long memory) {
        return new ScoreHandler(Device.cpu(), memory, 0);
    }

    private FakeContext context() throws IOException {
        return new FakeContext(artifacts, Files.createDirectory(folder.resolve("scratch-" + contexts++)));
    }

    private long files() throws IOException {
        return count("files");
    }

    private long entries() throws IOException {
        return count("entries");
    }

    private long count(String kind) throws IOException {
        Path place = folder.resolve("artifacts").resolve(kind);
        if (!Files.isDirectory(place)) {
            return 0;
        }
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(Files::isRegularFile).count();
        }
    }
}
