package io.espalier.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.engine.Bfloat16;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Subject;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.Evaluation;
import io.espalier.pruning.latency.LatencyTable;
import io.espalier.pruning.latency.Widths;
import io.espalier.worker.task.FakeContext;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HandlersTest {
    private static final Path STORIES = Path.of("../examples/models/stories").toAbsolutePath();
    private static final Path GOLDEN = Path.of("../libs/model/src/test/resources/golden").toAbsolutePath();
    private static final Path TASKS = Path.of("../libs/evaluation/src/test/resources/tasks").toAbsolutePath();
    private static final ModelSource MODEL = new ModelSource.Folder(STORIES.toString(), null);
    private static final Models MODELS = new Models(Device.cpu(), 1 << 24);

    @TempDir
    private Path folder;
    private ArtifactStore artifacts;
    private FakeContext context;

    @BeforeEach
    void open() throws IOException {
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
        context = context();
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    @Test
    void perplexityEqualsTorch() throws Exception {
        JsonNode expected = new ObjectMapper().readTree(GOLDEN.resolve("perplexity.json").toFile());
        TaskResult result = run(new PerplexityHandler(MODELS), perplexity(GOLDEN.resolve("perplexity.txt"), 128));

        assertThat(result.facts().get("perplexity").doubleValue()).isCloseTo(expected.get("perplexity").doubleValue(),
                within(1e-4));
        assertThat(result.facts().get("segments").intValue()).isEqualTo(expected.get("windows").intValue());
        assertThat(result.facts().get("tokenizerDigest").textValue()).hasSize(64);
        assertThat(context.tokens()).isEqualTo(result.facts().get("tokens").longValue());
        assertThat(context.ratio()).isEqualTo(1);
    }

    /** Whatever their number; of a short text some parts are empty. */
    @Test
    void partsOfAPerplexityTogetherAreTheWhole() throws Exception {
        Work.Perplexity whole = perplexity(GOLDEN.resolve("perplexity.txt"), 128);
        JsonNode expected = run(new PerplexityHandler(MODELS), whole).facts();
        for (int parts : new int[]{2, 3, 9}) {
            double nll = 0;
            long tokens = 0;
            int empty = 0;
            for (int i = 0; i < parts; i++) {
                JsonNode facts = run(new PerplexityHandler(MODELS), new Work.Perplexity(MODEL, whole.protocol(),
                        ComputeType.FLOAT32, new Work.Part(i, parts))).facts();
                assertThat(facts.get("textDigest")).isEqualTo(expected.get("textDigest"));
                assertThat(facts.has("perplexity")).isEqualTo(facts.get("tokens").longValue() > 0);
                nll += facts.get("nll").doubleValue();
                tokens += facts.get("tokens").longValue();
                empty += facts.get("segments").intValue() == 0 ? 1 : 0;
            }
            assertThat(tokens).isEqualTo(expected.get("tokens").longValue());
            assertThat(nll).isCloseTo(expected.get("nll").doubleValue(), within(1e-12 * nll)); // the order of the sum alone
            assertThat(empty > 0).isEqualTo(parts == 9);
        }
    }

    /** Refused where the processor would only imitate it. */
    @Test
    void bfloat16IsNearFloat32OrRefused() throws Exception {
        Work.Perplexity perplexity = perplexity(GOLDEN.resolve("perplexity.txt"), 128);
        Work.ZeroShot zeroShot = zeroShot("piqa", TASKS.resolve("piqa.jsonl"), 24);
        var inBfloat16 = new Work.Perplexity(MODEL, perplexity.protocol(), ComputeType.BFLOAT16);
        var zeroShotInBfloat16 = new Work.ZeroShot(MODEL, zeroShot.task(), ComputeType.BFLOAT16);
        if (!Bfloat16.isFastOn(Device.cpu())) {
            assertPermanent(new PerplexityHandler(MODELS), inBfloat16, "evaluation.dtype bfloat16: the processor");
            assertPermanent(new ZeroShotHandler(MODELS), zeroShotInBfloat16,
                    "evaluation.dtype bfloat16: the processor");
            return;
        }
        JsonNode exact = run(new PerplexityHandler(MODELS), perplexity).facts();
        JsonNode rounded = run(new PerplexityHandler(MODELS), inBfloat16).facts();
        JsonNode exactAnswers = run(new ZeroShotHandler(MODELS), zeroShot).facts();
        JsonNode roundedAnswers = run(new ZeroShotHandler(MODELS), zeroShotInBfloat16).facts();

        assertThat(exact.get("dtype").textValue()).isEqualTo(exactAnswers.get("dtype").textValue()).isEqualTo("F32");
        assertThat(rounded.get("dtype").textValue()).isEqualTo(roundedAnswers.get("dtype").textValue())
                .isEqualTo("BF16");
        assertThat(rounded.get("perplexity").doubleValue() / exact.get("perplexity").doubleValue())
                .isCloseTo(1, within(0.01)).isNotEqualTo(1);
        assertThat(roundedAnswers.get("acc").doubleValue()).isCloseTo(exactAnswers.get("acc").doubleValue(),
                within(2 / 24.0));
    }

    @Test
    void zeroShotKeepsItsSamples() throws Exception {
        TaskResult result = run(new ZeroShotHandler(MODELS), zeroShot("piqa", TASKS.resolve("piqa.jsonl"), 24));

        // lm-evaluation-harness 0.4.13 on the same rows
        assertThat(result.facts().get("acc").doubleValue()).isCloseTo(0.4166666666666667, within(1e-12));
        assertThat(result.facts().get("acc_norm_stderr").doubleValue()).isCloseTo(0.10279899245732686, within(1e-12));
        assertThat(result.facts().get("n").intValue()).isEqualTo(24);
        List<String> lines = Files.readAllLines(artifacts.file(result.outputs().get("samples")));
        JsonNode first = new ObjectMapper().readTree(lines.getFirst());
        assertThat(lines).hasSize(24);
        assertThat(first.at("/arguments/gen_args_1/arg_1").textValue()).startsWith(" Provide the guinea pig");
        assertThat(first.at("/resps/0/0/1").textValue()).isIn("True", "False");
        assertThat(lines.stream().mapToDouble(line -> acc(line)).average()).hasValueCloseTo(0.4166666666666667, within(
                1e-12));
    }

    @Test
    void wikitextIsTheHarnesss() throws Exception {
        JsonNode expected = new ObjectMapper().readTree(TASKS.resolve("../golden/zero-shot.json").toFile()).at(
                "/wikitext/scores");
        TaskResult result = run(new ZeroShotHandler(MODELS), zeroShot("wikitext", TASKS.resolve("wikitext.txt"), 9));

        for (String metric : List.of("word_perplexity", "byte_perplexity", "bits_per_byte")) {
            double value = expected.get(metric).doubleValue();
            assertThat(result.facts().get(metric).doubleValue()).isCloseTo(value, within(1e-4 * value));
        }
        assertThat(result.facts().get("version").textValue()).isEqualTo("2.0");
        List<String> lines = Files.readAllLines(artifacts.file(result.outputs().get("samples")));
        assertThat(lines).hasSize(result.facts().get("n").intValue());
        double words = 0;
        double logLikelihood = 0;
        for (String line : lines) {
            JsonNode pair = new ObjectMapper().readTree(line).get("word_perplexity");
            logLikelihood += pair.get(0).doubleValue();
            words += pair.get(1).doubleValue();
        }
        assertThat(Math.exp(-logLikelihood / words)).isCloseTo(result.facts().get("word_perplexity").doubleValue(),
                within(1e-6 * words));
    }

    @Test
    void fidelityIsOfTheChangedModelsOnly() throws Exception {
        var protocol = new Evaluation.Perplexity("stories", GOLDEN.resolve("perplexity.txt").toString(), 128, 2);
        var work = new Work.Fidelity(Map.of(Subject.PRUNED, MODEL, Subject.ORIGINAL, MODEL), protocol);
        TaskResult result = run(new FidelityHandler(MODELS), work);

        assertThat(result.facts().fieldNames()).toIterable().containsExactly("pruned");
        assertThat(result.facts().at("/pruned/kl").doubleValue()).isCloseTo(0, within(1e-9));
        assertThat(result.facts().at("/pruned/top1").doubleValue()).isEqualTo(1);
        assertThat(result.facts().at("/pruned/tokens").intValue()).isEqualTo(256);
        assertThat(context.ratio()).isEqualTo(1);
    }

    @Test
    void costStandsUnderEachSubject() throws Exception {
        var work = new Work.Cost(Map.of(Subject.PRUNED, MODEL, Subject.ORIGINAL, MODEL));
        TaskResult result = run(new CostHandler(MODELS, MemoryGauges.of(Device.cpu())), work);

        assertThat(result.facts().fieldNames()).toIterable().containsExactly("original", "pruned");
        JsonNode original = result.facts().get("original");
        assertThat(original.get("parameters").longValue()).isEqualTo(260_032);
        assertThat(original.get("bytes").longValue()).isEqualTo(4 * 260_032);
        assertThat(original.get("macs64").longValue()).isGreaterThan(64 * 256_000);
        assertThat(original.at("/cost/prefillMillis").doubleValue()).isPositive();
        assertThat(original.at("/cost/decodeMillisPerToken").doubleValue()).isPositive();
        assertThat(original.at("/cost/rounds").intValue()).isGreaterThanOrEqualTo(5);
        assertThat(original.at("/cost/peakMemoryBytes").isIntegralNumber()).isTrue();
        assertThat(original.at("/cost/prefillQuartiles")).hasSize(2).allSatisfy(quartile -> assertThat(quartile
                .doubleValue()).isPositive());
    }

    @Test
    void timesVariantsOfTheModelInOneTable() throws Exception {
        TaskResult result = run(new TimeHandler(MODELS, MemoryGauges.of(Device.cpu())), new Work.Time(MODEL));

        LatencyTable table = new ObjectMapper().readValue(artifacts.file(result.outputs().get("times")).toFile(),
                LatencyTable.class);
        assertThat(table.prompt()).isEqualTo(64);
        assertThat(table.threads()).isPositive();
        assertThat(table.variants()).extracting(LatencyTable.Variant::widths).containsExactly(new Widths(5, 20, 860),
                new Widths(3, 12, 516), new Widths(5, 10, 860), new Widths(5, 5, 860), new Widths(5, 20, 430),
                new Widths(5, 20, 215), new Widths(5, 10, 430), new Widths(5, 5, 215));
        assertThat(table.variants()).allSatisfy(variant -> {
            assertThat(variant.prefill().median()).isPositive();
            assertThat(variant.decode().median()).isPositive();
        });
        assertThat(context.ratio()).isEqualTo(1);
        assertThat(table.rounds()).isGreaterThanOrEqualTo(9);
        assertThat(context.tokens()).isGreaterThanOrEqualTo(8L * (2 + table.rounds()) * (64 + 32));
    }

    @Test
    void tellsWhoseFaultAFailureIs() {
        assertPermanent(new PerplexityHandler(MODELS), perplexity(folder.resolve("none.txt"), 128), "none.txt");
        assertPermanent(new PerplexityHandler(MODELS), perplexity(GOLDEN.resolve("perplexity.txt"), 513),
                "length 513 is more than the 512 positions");
        assertPermanent(new ZeroShotHandler(MODELS), zeroShot("mmlu", TASKS.resolve("piqa.jsonl"), 1), "mmlu");
        assertPermanent(new ZeroShotHandler(MODELS), zeroShot("boolq", TASKS.resolve("piqa.jsonl"), 1), "\"passage\"");
        var nowhere = new Work.Cost(Map.of(Subject.ORIGINAL, new ModelSource.Folder(folder.toString(), null)));
        assertPermanent(new CostHandler(MODELS, MemoryGauges.of(Device.cpu())), nowhere, "config.json");
    }

    @Test
    void endsWhenTheTaskIsCancelled() {
        context = context().interruptedFrom(0.3);
        assertThatThrownBy(() -> run(new PerplexityHandler(MODELS), perplexity(GOLDEN.resolve("perplexity.txt"), 128)))
                .isInstanceOf(InterruptedException.class);
        assertThat(context.ratio()).isBetween(0.3, 0.9);
    }

    private <W extends Work> void assertPermanent(TaskHandler<W> handler, W work, String message) {
        assertThatThrownBy(() -> run(handler, work)).isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining(message);
    }

    private <W extends Work> TaskResult run(TaskHandler<W> handler, W work) throws Exception {
        return new Explained<>(handler).run(work, context);
    }

    private FakeContext context() {
        return new FakeContext(artifacts, folder).withMicroBatchDivisor(2);
    }

    private static Work.Perplexity perplexity(Path text, int length) {
        return new Work.Perplexity(MODEL, new Evaluation.Perplexity("stories", text.toString(), length, null));
    }

    private static Work.ZeroShot zeroShot(String name, Path data, int limit) {
        return new Work.ZeroShot(MODEL, new Evaluation.Task(name, data.toString(), limit));
    }

    private static double acc(String line) {
        try {
            return new ObjectMapper().readTree(line).get("acc").doubleValue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
