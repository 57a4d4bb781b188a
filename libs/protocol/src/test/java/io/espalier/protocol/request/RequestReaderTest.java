package io.espalier.protocol.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestReaderTest {
    private static final RequestReader READER = new RequestReader();
    private static final String SMALL = """
            model: models/llama
            method: {name: llm-pruner}
            target: {parameters: 0.8}
            calibration: {text: books.txt}
            """;

    @Test
    void fillsInEveryDefault() {
        PruningRequest request = read(SMALL + """
                recovery: {lora: {data: alpaca.json}}
                evaluation: {perplexity: [{name: wikitext2, text: wiki.txt}]}
                """);

        assertThat(request.calibration()).isEqualTo(new PruningRequest.Calibration("books.txt", 10, 64, 42));
        assertThat(request.method().text("criterion")).isEqualTo("param_first");
        assertThat(request.method().integer("iterativeSteps")).isEqualTo(1);
        assertThat(request.method().has("keepLayers")).isFalse();
        assertThat(request.shape()).isEqualTo(new PruningRequest.Shape(false, 1));
        assertThat(request.layers()).isEqualTo(new PruningRequest.Layers(null, null));
        assertThat(request.output()).isEqualTo(new PruningRequest.Output("out", List.of("hf")));
        assertThat(request.evaluation().cost()).isTrue();
        assertThat(request.evaluation().perplexity())
                .containsExactly(new Evaluation.Perplexity("wikitext2", "wiki.txt", 128, null));
        assertThat(request.recovery().lora()).isEqualTo(new Recovery.Lora("alpaca.json", 8, 16, 0.05, 1e-4, 64, 4, 2,
                256, null, 100, 0, 1, 2000, 100, 200, false));
    }

    @Test
    void aPerplexityIsOneTaskUnlessPartsAreAskedFor() {
        String text = "evaluation: {perplexity: [{name: wiki, text: wiki.txt%s}]}\n";
        var whole = new Evaluation.Perplexity("wiki", "wiki.txt", 128, null);
        assertThat(read(SMALL + text.formatted("")).evaluation().perplexity()).containsExactly(whole);
        assertThat(read(SMALL + text.formatted(", parts: 1")).evaluation().perplexity()).containsExactly(whole);
        Evaluation.Perplexity split = read(SMALL + text.formatted(", parts: 8")).evaluation().perplexity().getFirst();
        assertThat(split.tasks()).isEqualTo(8);
        assertThat(split.whole()).isEqualTo(whole);
        assertThat(onlyProblem(SMALL + text.formatted(", parts: 0"))).satisfies(problem -> {
            assertThat(problem.pointer()).isEqualTo("/evaluation/perplexity/0/parts");
            assertThat(problem.message()).contains("1");
        });
    }

    @Test
    void evaluationIsInFloat32UnlessAskedOtherwise() {
        assertThat(read(SMALL).evaluation().dtype()).isEqualTo(ComputeType.FLOAT32);
        assertThat(read(SMALL + "evaluation: {dtype: bfloat16}\n").evaluation().dtype())
                .isEqualTo(ComputeType.BFLOAT16);
        assertThat(onlyProblem(SMALL + "evaluation: {dtype: float16}\n")).satisfies(problem -> {
            assertThat(problem.pointer()).isEqualTo("/evaluation/dtype");
            assertThat(problem.message()).contains("float16").contains("bfloat16");
        });
    }

    @Test
    void takesTheExampleOfTheContract() {
        PruningRequest request = read("""
                name: stories-20
                model: examples/models/stories
                method:
                  name: llm-pruner
                  criterion: param_first               # a comment
                target:
                  parameters: 0.8
                layers: { attention: 4..29, mlp: 4..29 }
                shape: { uniform: false, channelMultiple: 8 }
                calibration: { text: file, samples: 10, length: 64, seed: 42 }
                recovery:
                  lora: { data: file, rank: 8, alpha: 16, dropout: 0.05, learningRate: 1e-4, batch: 64, microBatch: 4, epochs: 2, maxLength: 256, steps: null }
                evaluation:
                  perplexity: [ { name: wikitext2, text: file, length: 128, segments: null } ]
                  tasks: [ { name: boolq, data: file, limit: null } ]
                  cost: true
                output: { location: out, formats: [hf] }
                """);

        assertThat(request.layers().mlp()).isEqualTo(new IndexRange(4, 29));
        assertThat(request.shape().channelMultiple()).isEqualTo(8);
        assertThat(request.recovery().lora().learningRate()).isEqualTo(1e-4);
    }

    @Test
    void readsItsOwnJsonBack() {
        PruningRequest request = read(SMALL + "layers: {mlp: 1..3}\n");

        assertThat(READER.read(READER.json(request))).isEqualTo(request);
    }

    @Test
    void readsJsonWithTabsToo() {
        String json = "{\n\t\"model\": \"m\",\n\t\"method\": {\"name\": \"magnitude\"},\n\t\"target\": {\"count\": \"5.4B\"}}";

        assertThat(read(json).target().count()).isEqualTo(5_400_000_000L);
    }

    @Test
    void readsSizesAsPeopleWriteThem() {
        assertThat(read(SMALL.replace("parameters: 0.8", "bytes: 12GB")).target().bytes()).isEqualTo(12_000_000_000L);
        assertThat(read(SMALL.replace("parameters: 0.8", "bytes: 1.5 GiB")).target().bytes()).isEqualTo(3L << 29);
        assertThat(read(SMALL.replace("parameters: 0.8", "count: 250000")).target().count()).isEqualTo(250_000L);
        assertThat(onlyProblem(SMALL.replace("parameters: 0.8", "count: 900000000000T")).message())
                .contains("900000000000T");
    }

    @Test
    void namesAnUnknownKeyItsPlaceAndTheNearestKnownOne() {
        RequestProblem problem = onlyProblem(SMALL.replace("{name: llm-pruner}", "{name: llm-pruner, critereon: l1}"));

        assertThat(problem.pointer()).isEqualTo("/method/critereon");
        assertThat(problem.message()).contains("unknown key 'critereon'").contains("did you mean 'criterion'?");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(onlyProblem(SMALL + "calibratoin: {}\n").message()).contains("did you mean 'calibration'?");
        assertThat(onlyProblem(SMALL.replace("{name: llm-pruner}", "{name: llm-pruner, gqa_fold: contiguous}"))
                .message()).contains("did you mean 'gqaFold'?");
    }

    @Test
    void namesAWrongValueAndWhatWouldBeRight() {
        RequestProblem problem = onlyProblem(SMALL.replace("{name: llm-pruner}", "{name: llm-pruner, criterion: l3}"));

        assertThat(problem.pointer()).isEqualTo("/method/criterion");
        assertThat(problem.message()).contains("'l3'").contains("param_first").contains("did you mean 'l1'?");
        assertThat(onlyProblem(SMALL.replace("0.8", "1.8")).message()).isEqualTo("1.8 is too large: at most 1");
        assertThat(onlyProblem(SMALL.replace("0.8", "most")).message()).startsWith("'most' is not a number");
        assertThat(onlyProblem(SMALL.replace("{name: llm-pruner}", "llm-pruner")).message())
                .startsWith("'llm-pruner' is not an object with keys");
        assertThat(onlyProblem(SMALL + "layers: {mlp: 4-29}\n").message()).contains("'4-29'").contains("4..29");
    }

    @Test
    void reportsSeveralProblemsAtOnce() {
        List<RequestProblem> problems = problems("""
                method: {name: llm-pruner, criterion: l3}
                target: {parameters: 2}
                shape: {channelMultiple: eight}
                """);

        assertThat(problems).extracting(RequestProblem::pointer).containsExactlyInAnyOrder("/model",
                "/method/criterion", "/target/parameters", "/shape/channelMultiple");
    }

    @Test
    void refusesAFormatThatIsNotWritten() {
        RequestProblem problem = onlyProblem(SMALL + "output: {location: out, formats: [hf, gguf-q4_k]}\n");
        assertThat(problem.pointer()).isEqualTo("/output/formats/1");
        assertThat(problem.message()).contains("gguf-q4_k").contains("gguf");
    }

    @Test
    void wantsExactlyOneTarget() {
        assertThat(onlyProblem(SMALL.replace("parameters: 0.8", "parameters: 0.8, groups: 0.2")).message())
                .isEqualTo("write exactly one of parameters, groups, count, bytes, latency");
        assertThat(onlyProblem(SMALL.replace("target: {parameters: 0.8}", "")).pointer()).isEqualTo("/target");
    }

    @Test
    void wantsCalibrationTextOnlyWhereTheMethodReadsIt() {
        String silent = SMALL.replace("calibration: {text: books.txt}", "");

        assertThat(onlyProblem(silent).pointer()).isEqualTo("/calibration/text");
        assertThat(onlyProblem(silent).message()).contains("llm-pruner").contains("param_first");
        for (String free : List.of("{name: magnitude}", "{name: random}", "{name: llm-pruner, criterion: l2}",
                "{name: llm-pruner, mode: layer-wise}")) {
            assertThat(read(silent.replace("{name: llm-pruner}", free)).calibration().text()).as(free).isNull();
        }
        assertThat(problems(silent.replace("llm-pruner", "llm-bip"))).hasSize(1);
    }

    @Test
    void checksRulesBetweenKeys() {
        assertThat(onlyProblem(SMALL + "layers: {mlp: 9..4}\n").message()).contains("9..4");
        assertThat(onlyProblem(SMALL + "recovery: {lora: {data: d, batch: 2}}\n").pointer())
                .isEqualTo("/recovery/lora/microBatch");
        assertThat(onlyProblem(SMALL + "evaluation: {perplexity: [{name: a, text: x}, {name: a, text: y}]}\n")
                .message()).contains("'a@128'");
        assertThat(onlyProblem(SMALL.replace("{name: llm-pruner}", "{name: llm-pruner, keepLayers: 3}")).pointer())
                .isEqualTo("/method/keepLayers");
    }

    @Test
    void rangesOfLayersAreForWhatCannotBeSpreadOtherwise() {
        for (String fits : List.of("llm-pruner", "llm-pruner, criterion: param_mix", "nirvana, sets: 1")) {
            PruningRequest request = read(SMALL.replace("llm-pruner", fits + ", layerRanges: 3"));
            assertThat(request.method().forScoring().integer("layerRanges")).as(fits).isEqualTo(3);
        }
        Map<String, String> refused = Map.of("llm-pruner, criterion: vectorize", "criterion param_first and param_mix",
                "llm-pruner, mode: channel-wise", "the mode is channel-wise", "llm-pruner, criterion: l1",
                "l1 is spread", "nirvana", "these 16 sets", "nirvana, sets: 1, saliency: magnitude", "needs gradients");
        refused.forEach((method, message) -> {
            RequestProblem problem = onlyProblem(SMALL.replace("llm-pruner", method + ", layerRanges: 3"));
            assertThat(problem.pointer()).as(method).isEqualTo("/method/layerRanges");
            assertThat(problem.message()).as(method).contains(message);
        });
        assertThat(onlyProblem(SMALL.replace("llm-pruner", "search, layerRanges: 2")).pointer()).isEqualTo(
                "/method/layerRanges");
        assertThat(onlyProblem(SMALL.replace("llm-pruner", "llm-pruner, layerRanges: 1")).pointer()).isEqualTo(
                "/method/layerRanges");
    }

    @Test
    void nullMeansAbsent() {
        assertThat(read(SMALL + "recovery: null\nname: ~\n").recovery()).isNull();
        assertThat(onlyProblem(SMALL.replace("models/llama", "null")).pointer()).isEqualTo("/model");
    }

    @Test
    void plainWordsStayWords() {
        assertThat(read(SMALL + "name: no\n").name()).isEqualTo("no");
        assertThat(read(SMALL + "name: '20'\n").name()).isEqualTo("20");
        assertThat(onlyProblem(SMALL + "name: 20\n").message()).startsWith("20 is not a text");
    }

    @Test
    void saysWhereTheTextIsNoYamlAndNoJson() {
        assertThat(onlyProblem("model: [a\nmethod: b\n").line()).isEqualTo(2);
        assertThat(onlyProblem("{\"model\": \"a\",\n\"method\" 3}").message()).contains("not valid JSON");
        assertThat(onlyProblem("").message()).contains("model");
        assertThat(onlyProblem("- a\n- b\n").message()).contains("model");
        assertThat(onlyProblem(SMALL + "model: again\n").message()).contains("second time");
    }

    @Test
    void survivesAnchorBombs() {
        StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", "*a" + (i - 1), "*a" + (i - 1))));
        }
        assertThat(problems(bomb.toString())).isNotEmpty();
        assertThat(problems("a: &a [*a]\n")).isNotEmpty();
        assertThat(problems("model: " + "x".repeat(2_000_000))).isNotEmpty();
        assertThat(problems("[".repeat(100_000))).isNotEmpty();
        assertThat(problems("{\"a\":".repeat(100_000))).isNotEmpty();
    }

    @Test
    void refusesNumbersThatAreNone() {
        assertThat(onlyProblem(SMALL.replace("0.8", "1e999")).message()).contains("not a finite number");
        assertThat(onlyProblem(SMALL.replace("{name: llm-pruner}", "{name: llm-pruner, iterativeSteps: 1e300}"))
                .pointer()).isEqualTo("/method/iterativeSteps");
        assertThat(problems("{\"model\": 1e999999999, \"target\": {\"parameters\": 1e-999999999}}")).isNotEmpty();
    }

    @Test
    void expandsASweepIntoOneRequestPerEntry() {
        List<PruningRequest> requests = READER.readAll("""
                name: s
                model: m
                method: {name: llm-pruner, criterion: l1, ranking: global}
                target: {parameters: 0.8}
                recovery: {lora: {data: d, rank: 4}}
                output: {location: results}
                sweep:
                  - target: {groups: 0.25}
                  - method: {criterion: l2}
                    recovery: null
                  - method: {name: magnitude}
                    name: mine
                    output: {location: elsewhere}
                """);

        assertThat(requests).extracting(PruningRequest::name).containsExactly("s-1", "s-2", "mine");
        assertThat(requests).extracting(r -> r.output().location()).containsExactly("results/1", "results/2",
                "elsewhere");
        assertThat(requests.get(0).target()).isEqualTo(new Target(null, 0.25, null, null, null));
        assertThat(requests.get(1).method().text("ranking")).isEqualTo("global");
        assertThat(requests.get(1).method().text("criterion")).isEqualTo("l2");
        assertThat(requests.get(1).recovery()).isNull();
        assertThat(requests.get(2).method().has("criterion")).isFalse();
        assertThat(requests.get(2).recovery().lora().rank()).isEqualTo(4);
    }

    @Test
    void pointsIntoTheSweepEntryThatIsWrong() {
        List<RequestProblem> problems = problems("""
                model: m
                method: {name: magnitude, norm: l7}
                sweep:
                  - target: {parameters: 0.5}
                  - target: {parameters: 5}
                  - target: {parameters: 0.6}
                    method: {name: magnitud}
                """);

        assertThat(problems).extracting(RequestProblem::pointer).containsExactlyInAnyOrder("/method/norm",
                "/sweep/1/target/parameters", "/sweep/2/method/name");
        assertThat(problems).extracting(RequestProblem::line).containsExactlyInAnyOrder(2, 5, 7);
        assertThat(onlyProblem(SMALL + "sweep: []\n").pointer()).isEqualTo("/sweep");
        assertThat(onlyProblem(SMALL + "sweep: [5]\n").pointer()).isEqualTo("/sweep/0");
    }

    @Test
    void refusesASweepWhereOneJobIsWanted() {
        ObjectNode sweep = new JsonMapper().createObjectNode();
        sweep.putArray("sweep");

        assertThat(catchThrowableOfType(InvalidRequestException.class, () -> READER.read(sweep)).problems())
                .extracting(RequestProblem::pointer).containsExactly("/sweep");
    }

    private static PruningRequest read(String text) {
        List<PruningRequest> all = READER.readAll(text);
        assertThat(all).hasSize(1);
        return all.getFirst();
    }

    private static List<RequestProblem> problems(String text) {
        InvalidRequestException e = catchThrowableOfType(InvalidRequestException.class, () -> READER.readAll(text));
        assertThat(e).as(text.length() < 500 ? text : "long text").isNotNull();
        return e.problems();
    }

    private static RequestProblem onlyProblem(String text) {
        List<RequestProblem> problems = problems(text);
        assertThat(problems).hasSize(1);
        return problems.getFirst();
    }
}
