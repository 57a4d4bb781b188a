package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.text.TokenFile;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.ModelFacts.TextSize;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.latency.LatencyTable;
import io.espalier.pruning.latency.TimedVariants;
import io.espalier.pruning.latency.Widths;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.worker.task.FakeContext;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandlersTest {
    private static final ModelSource MODEL = new ModelSource.Folder(Requests.STORIES.toString(), null);
    private static final String REQUEST = """
            model: STORIES
            method: { name: llm-pruner, criterion: CRITERION }
            target: { parameters: 0.8 }
            calibration: { text: TEXT, samples: 6, length: 32 }
            """;

    private static final ModelShape SHAPE = ModelShape.of(ModelConfig.read(Requests.STORIES));

    /** Times of which the layers' widths are nearly all. */
    private static final LatencyTable TIMES = new LatencyTable("cpu", 2, 64, 32, 9, TimedVariants.of(SHAPE,
            Long.MAX_VALUE).stream().map(plan -> {
                Widths widths = Widths.of(plan.shape(SHAPE));
                double millis = 0.2 + 0.02 * widths.kvGroups() + 0.001 * widths.channels();
                var timing = new LatencyTable.Timing(millis, millis, millis);
                return new LatencyTable.Variant(widths, timing, timing);
            }).toList());

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

    @Test
    void prepareTellsWhatItFoundAndDrawsTheSameSamplesAgain() throws Exception {
        PruningRequest request = request("param_second");
        TaskResult first = prepare(request, 0);
        ModelFacts facts = facts(first);

        assertThat(facts.parameters()).isEqualTo(260_032);
        assertThat(facts.bytes()).isEqualTo(1_040_128);
        assertThat(facts.family()).isEqualTo("llama");
        assertThat(facts.samples()).isEqualTo(6);
        assertThat(facts.sampleShards()).isEqualTo(4);
        assertThat(facts.digest()).hasSize(64);
        int[][] tokens = TokenFile.read(artifacts.file(first.outputs().get("calibration")));
        assertThat(tokens).hasDimensions(6, 32);
        assertThat(prepare(request, 0).outputs()).isEqualTo(first.outputs());
        assertThat(prepare(request, 1).outputs()).isNotEqualTo(first.outputs());
    }

    @Test
    void whatNeedsNoDataDrawsNone() throws Exception {
        TaskResult result = prepare(Requests.read("""
                model: STORIES
                method: { name: magnitude }
                target: { groups: 0.25 }
                """), 0);
        assertThat(result.outputs()).isEmpty();
        assertThat(facts(result).samples()).isZero();
        assertThat(facts(result).layerShards()).isEqualTo(4);
    }

    @Test
    void prepareTellsHowMuchTheEvaluationWillRead() throws Exception {
        Path text = Files.writeString(folder.resolve("text"), "One.\nTwo.\n\nThree.\n");
        Path rows = Files.writeString(folder.resolve("rows.jsonl"), "{}\n{\"a\": 1}"); // no end of the last line
        ModelFacts facts = facts(prepare(Requests.read("""
                model: STORIES
                method: { name: magnitude }
                target: { groups: 0.25 }
                evaluation:
                  perplexity: [ { name: a, text: %s }, { name: b, text: %s } ]
                  tasks: [ { name: boolq, data: %s } ]
                """.formatted(text, folder, rows)), 0));
        assertThat(facts.texts()).containsExactly(new TextSize(18, 4), new TextSize(0, 0), new TextSize(11, 2));
    }

    @Test
    void whatCannotBeSplitSaysWhy() throws Exception {
        ModelFacts facts = facts(prepare(request("param_first"), 0));
        assertThat(facts.sampleShards()).isEqualTo(1);
        assertThat(facts.layerShards()).isEqualTo(1);
        assertThat(facts.mergeNote()).contains("param_first").contains("do not add up");
    }

    @ParameterizedTest
    @ValueSource(strings = {"vectorize", "param_second", "param_first"})
    void oneTaskAndManyMakeTheSamePlan(String criterion) throws Exception {
        PruningRequest request = request(criterion);
        TaskResult prepared = prepare(request, 0);
        ArtifactRef calibration = prepared.outputs().get("calibration");
        int shards = facts(prepared).sampleShards();
        List<Shard> many = new ArrayList<>();
        for (int i = 0; i < shards; i++) {
            many.add(new Shard(0, 5, 6 * i / shards, 6 * (i + 1) / shards));
        }
        TaskResult fromMany = rank(request, score(request, calibration, many));
        TaskResult fromOne = rank(request, score(request, calibration, List.of(new Shard(0, 5, 0, 6))));

        assertThat(fromMany.outputs()).isEqualTo(fromOne.outputs());
        PruningPlan plan = Json.events().readValue(artifacts.file(fromOne.outputs().get("plan")).toFile(),
                PruningPlan.class);
        assertThat(plan.achieved().share()).isBetween(0.79, 0.8);
        assertThat(fromOne.facts().at("/achieved/parameters").longValue()).isEqualTo(plan.achieved().parameters());
        assertThat(fromOne.facts().at("/predicted/parameters").longValue()).isEqualTo(plan.achieved().parameters());
        assertThat(fromOne.facts().at("/predicted/bytes").longValue()).isEqualTo(4 * plan.achieved().parameters());
        assertThat(fromOne.facts().get("layers")).hasSize(5);
        assertThat(fromOne.facts().at("/layers/0").has("keptChannels")).isFalse();
    }

    @Test
    void aCancelledScoreEnds() throws Exception {
        PruningRequest request = request("param_first");
        ArtifactRef calibration = prepare(request, 0).outputs().get("calibration");
        var work = new Work.Score(MODEL, request.method(), request.layers(), calibration, new Shard(0, 5, 0, 6), 0);
        assertThatThrownBy(
                () -> new ScoreHandler(Device.cpu(), 4L << 30, 4L << 30).run(work, context().interruptedFrom(0.3)))
                .isInstanceOf(InterruptedException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llm-bip", "numerical"})
    void aScoreThatIsCalledAwayGoesOnElsewhere(String method) throws Exception {
        PruningRequest request = Requests.read(REQUEST.replace("llm-pruner, criterion: CRITERION", method));
        ArtifactRef calibration = prepare(request, 0).outputs().get("calibration");
        var work = new Work.Score(MODEL, request.method(), request.layers(), calibration, new Shard(0, 5, 0, 6), 0);
        ScoreHandler handler = new ScoreHandler(Device.cpu(), 4L << 30, 4L << 30);
        FakeContext first = context().calledAwayFrom(0.3);
        FakeContext second = context();

        assertThatThrownBy(() -> handler.run(work, first)).isInstanceOf(InterruptedException.class);
        assertThat(first.checkpoints()).hasSize(1);
        TaskResult resumed = handler.run(work, second.resumingFrom(first.checkpoints().getLast()));
        assertThat(second.firstRatio()).isGreaterThan(first.ratio());
        assertThat(resumed.outputs()).isEqualTo(handler.run(work, context()).outputs());
    }

    @Test
    void scoringCountsItsTokensOnce() throws Exception {
        PruningRequest request = request("param_first");
        ArtifactRef calibration = prepare(request, 0).outputs().get("calibration");
        FakeContext context = context();
        new ScoreHandler(Device.cpu(), 4L << 30, 4L << 30)
                .run(new Work.Score(MODEL, request.method(), request.layers(), calibration,
                        new Shard(0, 5, 0, 6), 0), context);
        assertThat(context.tokens()).isEqualTo(6 * 32);
        assertThat(context.ratio()).isEqualTo(1);
    }

    @Test
    void weightsThatAreNotNumbersAreRefused() throws Exception {
        Path broken = copyOfStories();
        byte[] bytes = Files.readAllBytes(broken.resolve("model.safetensors"));
        System.arraycopy(new byte[]{0, 0, (byte) 0xc0, 0x7f}, 0, bytes, bytes.length - 4, 4); // a NaN at the end
        Files.write(broken.resolve("model.safetensors"), bytes);
        refused(new ModelSource.Folder(broken.toString(), null), request("l1"), "holds NaN or infinity");
    }

    @Test
    void aTruncatedCheckpointIsRefused() throws Exception {
        Path broken = copyOfStories();
        byte[] bytes = Files.readAllBytes(broken.resolve("model.safetensors"));
        Files.write(broken.resolve("model.safetensors"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        refused(new ModelSource.Folder(broken.toString(), null), request("l1"), "model.safetensors");
    }

    @Test
    void aFolderThatIsNotThereIsRefused() {
        refused(new ModelSource.Folder(folder.resolve("nowhere").toString(), null), request("l1"), "config.json");
    }

    @Test
    void tooLittleTextIsRefused() throws Exception {
        refused(MODEL, Requests.read("""
                model: STORIES
                method: { name: llm-pruner }
                target: { parameters: 0.8 }
                calibration: { text: TEXT, samples: 5000, length: 64 }
                """), "calibration.text holds only");
    }

    /** Every method that ranks once finds a plan within the time, and tells what it predicts. */
    @ParameterizedTest
    @ValueSource(strings = {"{ name: llm-pruner, criterion: vectorize }",
        "{ name: llm-pruner, criterion: l2, ranking: global }", "{ name: llm-bip, ranking: global }",
        "{ name: nirvana, sets: 1 }", "{ name: numerical }", "{ name: magnitude }", "{ name: random }"})
    void aTimeIsMetByWhatTheTableSays(String method) throws Exception {
        PruningRequest request = Requests.read("""
                model: STORIES
                method: METHOD
                target: { latency: 0.75 }
                calibration: { text: TEXT, samples: 6, length: 32 }
                """.replace("METHOD", method));
        ArtifactRef calibration = prepare(request, 0).outputs().get("calibration");
        List<ArtifactRef> statistics = score(request, calibration, List.of(new Shard(0, 5, 0, calibration == null
                ? 0
                : 6)));
        ArtifactRef times = artifacts.putBytes(Json.canonical(TIMES));
        TaskResult result = new RankHandler().run(new Work.Rank(MODEL, request, statistics, null, 1, 1, times),
                context());

        PruningPlan plan = Json.events().readValue(artifacts.file(result.outputs().get("plan")).toFile(),
                PruningPlan.class);
        Widths widths = Widths.of(plan.shape(SHAPE));
        double millis = 0.2 + 0.02 * widths.kvGroups() + 0.001 * widths.channels();
        double original = 0.2 + 0.02 * 20 + 0.001 * 860;
        assertThat(millis / original).isBetween(0.55, 0.75 + 1e-9);
        JsonNode latency = result.facts().get("latency");
        assertThat(latency.get("phase").textValue()).isEqualTo("prefill");
        assertThat(latency.get("originalMillis").doubleValue()).isCloseTo(original, within(1e-9));
        assertThat(latency.get("predictedMillis").doubleValue()).isCloseTo(millis, within(1e-9));
        assertThat(latency.get("targetMillis").doubleValue()).isCloseTo(0.75 * original, within(1e-9));
        assertThat(latency.at("/model/channel").doubleValue()).isCloseTo(0.001, within(1e-9));
        assertThat(latency.get("variants")).hasSize(8);
        assertThat(result.facts().at("/predicted/parameters").longValue()).isPositive();
    }

    /** Each step saves its part; the last one reaches the target. */
    @Test
    void stepsApproachATime() throws Exception {
        PruningRequest request = Requests.read("""
                model: STORIES
                method: { name: llm-pruner, criterion: l2, ranking: global, iterativeSteps: 2 }
                target: { latency: 1.2ms }
                """);
        ArtifactRef times = artifacts.putBytes(Json.canonical(TIMES));
        List<ArtifactRef> statistics = score(request, null, List.of(new Shard(0, 5, 0, 0)));
        var first = new RankHandler().run(new Work.Rank(MODEL, request, statistics, null, 1, 2, times), context());
        double millis = first.facts().at("/latency/predictedMillis").doubleValue();
        assertThat(millis).isBetween(1.30, 1.33); // half of the way from 1.46
        assertThat(first.facts().at("/latency/relative").booleanValue()).isFalse();
    }

    @Test
    void aTimeThatNoPlanKeepsIsRefused() throws Exception {
        PruningRequest request = Requests.read("""
                model: STORIES
                method: { name: magnitude }
                target: { latency: 0.1ms }
                """);
        List<ArtifactRef> statistics = score(request, null, List.of(new Shard(0, 5, 0, 0)));
        ArtifactRef times = artifacts.putBytes(Json.canonical(TIMES));
        assertThatThrownBy(() -> new RankHandler().run(new Work.Rank(MODEL, request, statistics, null, 1, 1, times),
                context())).isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("target.latency: 0.1000 ms cannot be reached");
    }

    private void refused(ModelSource model, PruningRequest request, String message) {
        assertThatThrownBy(() -> new PrepareHandler().run(new Work.Prepare(model, request, 0), context()))
                .isInstanceOf(PermanentFailureException.class).hasMessageContaining(message);
    }

    private TaskResult prepare(PruningRequest request, int round) throws Exception {
        return new PrepareHandler().run(new Work.Prepare(MODEL, request, round), context());
    }

    private List<ArtifactRef> score(PruningRequest request, ArtifactRef calibration, List<Shard> shards)
            throws Exception {
        List<ArtifactRef> statistics = new ArrayList<>();
        for (Shard shard : shards) {
            statistics.add(new ScoreHandler(Device.cpu(), 4L << 30, 4L << 30).run(
                    new Work.Score(MODEL, request.method(), request.layers(), calibration, shard, 0), context())
                    .outputs().get("statistics"));
        }
        return statistics;
    }

    private TaskResult rank(PruningRequest request, List<ArtifactRef> statistics) throws Exception {
        return new RankHandler().run(new Work.Rank(MODEL, request, statistics, null, 1, 1, null), context());
    }

    private static PruningRequest request(String criterion) {
        return Requests.read(REQUEST.replace("CRITERION", criterion));
    }

    private static ModelFacts facts(TaskResult result) {
        ObjectNode facts = result.facts();
        return Json.events().convertValue(facts, ModelFacts.class);
    }

    private FakeContext context() throws IOException {
        return new FakeContext(artifacts, Files.createDirectory(folder.resolve("scratch-" + contexts++)));
    }

    private Path copyOfStories() throws IOException {
        Path copy = Files.createDirectory(folder.resolve("broken"));
        for (String name : List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")) {
            Files.copy(Requests.STORIES.resolve(name), copy.resolve(name));
        }
        return copy;
    }
}
