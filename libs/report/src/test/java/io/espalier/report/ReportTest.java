package io.espalier.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    /** Scripts that collect results tell models apart by this. */
    @Test
    void namesTheModelThatWasMeasured() {
        Report report = Reports.parse("""
                {"job": {"id": "j-1", "state": "SUCCEEDED"},
                 "request": {"model": "/models/stories", "output": {"location": "/out"}},
                 "models": {"original": {}, "pruned": {}, "recovered": {}}, "recovery": {"accepted": true}, "stages": []}
                """);
        assertThat(LmEvalResults.of(report, "original").at("/config/model_args").asText()).isEqualTo(
                "pretrained=/models/stories");
        assertThat(LmEvalResults.of(report, "pruned").at("/config/model_args").asText()).isEqualTo(
                "pretrained=/models/stories,espalier=pruned");
        assertThat(LmEvalResults.of(report, "recovered").at("/config/model_args").asText()).isEqualTo(
                "pretrained=/out/model");
    }

    @Test
    void keysAreThoseThatScriptsRelyOn() {
        JsonNode json = Reports.JSON.valueToTree(Reports.recovered());
        assertThat(json.at("/job/state").asText()).isEqualTo("SUCCEEDED");
        assertThat(json.at("/models/original/perplexity/tiny@128").asDouble()).isEqualTo(4.0);
        assertThat(json.at("/models/original/tasks/piqa/acc_stderr").asDouble()).isEqualTo(0.1);
        assertThat(json.at("/plan/layers/0/keptKvGroups").toString()).isEqualTo("[0,3]");
        assertThat(json.at("/stages/0/tokensPerSecond").asDouble()).isEqualTo(640.0);
    }

    @Test
    void whatWasNotMeasuredIsAbsentRatherThanZero() {
        JsonNode pruned = Reports.JSON.valueToTree(Reports.recovered()).at("/models/recovered");
        assertThat(pruned.has("macs64")).isFalse();
        assertThat(pruned.has("cost")).isFalse();
    }

    /** Two standard errors of a difference: 2 sqrt(0.1² + 0.1²) = 0.28 ms, 2 sqrt(0.06² + 0.08²) = 0.2 ms. */
    @Test
    void comparisonTellsNoiseFromChange() {
        Comparison table = Comparison.of(Reports.parse("""
                {"job": {"id": "j-1", "state": "SUCCEEDED"}, "request": {},
                 "models": {
                   "original": {"cost": {"prefillMillis": 2.0, "decodeMillisPerToken": 1.0,
                     "prefillStandardError": 0.1, "decodeStandardError": 0.06}},
                   "pruned": {"cost": {"prefillMillis": 1.71, "decodeMillisPerToken": 0.81,
                     "prefillStandardError": 0.1, "decodeStandardError": 0.08}}},
                 "stages": []}
                """));
        assertThat(row(table, "prefill")).containsExactly("2.00 ms", "1.71 ms (-14.5 %)");
        assertThat(row(table, "decode per token")).containsExactly("1.00 ms", "0.810 ms (-19.0 %, within noise)");
    }

    @Test
    void comparisonTellsTheChangeAgainstTheOriginal() {
        Comparison table = Comparison.of(Reports.recovered());
        assertThat(table.subjects()).containsExactly("original", "pruned", "recovered");
        assertThat(row(table, "parameters")).containsExactly("1,000", "800 (-20.0 %)", "800 (-20.0 %)");
        assertThat(row(table, "perplexity tiny@128")).containsExactly("4.00", "6.00 (+50.0 %)", "5.00 (+25.0 %)");
        assertThat(row(table, "piqa acc_norm")).containsExactly("0.7500", "", "");
        assertThat(row(table, "boolq acc")).containsExactly("", "0.2500", "");
        assertThat(table.rows()).extracting(Comparison.Row::label).doesNotContain("boolq acc_norm", "wikitext acc");
        assertThat(row(table, "wikitext word perplexity")).containsExactly("", "80.5", "");
        assertThat(row(table, "KL from original tiny@128")).containsExactly("", "0.1234", "");
        assertThat(row(table, "same top token tiny@128")).containsExactly("", "87.5 %", "");
        assertThat(row(table, "mean of tasks acc_norm")).containsExactly("", "0.5000", "");
    }

    @Test
    void harnessLayoutHasRollingTasksAsTheHarnessWritesThem() {
        JsonNode results = LmEvalResults.of(Reports.recovered(), "pruned");
        assertThat(results.at("/results/wikitext/word_perplexity,none").asDouble()).isEqualTo(80.5);
        assertThat(results.at("/results/wikitext/word_perplexity_stderr,none").asText()).isEqualTo("N/A");
        assertThat(results.at("/results/wikitext").has("acc,none")).isFalse();
        assertThat(results.at("/higher_is_better/wikitext/bits_per_byte").asBoolean(true)).isFalse();
        assertThat(results.at("/higher_is_better/boolq/acc").asBoolean()).isTrue();
        assertThat(results.at("/configs/wikitext/output_type").asText()).isEqualTo("loglikelihood_rolling");
        assertThat(results.at("/versions/boolq").asDouble()).isEqualTo(2.0);
    }

    @Test
    void harnessLayoutTellsTheDtypeThatWasAskedFor() {
        Report report = Reports.recovered();
        ((ObjectNode) report.request()).putObject("evaluation").put("dtype", "bfloat16");

        assertThat(LmEvalResults.of(report, "pruned").at("/config/model_dtype").asText()).isEqualTo("torch.bfloat16");
    }

    @Test
    void harnessLayoutHasMetricAndFilterInItsKeys() {
        JsonNode results = LmEvalResults.of(Reports.recovered(), "original");
        assertThat(results.at("/results/piqa/acc_norm,none").asDouble()).isEqualTo(0.75);
        assertThat(results.at("/results/piqa/acc_stderr,none").asDouble()).isEqualTo(0.1);
        assertThat(results.at("/versions/piqa").asDouble()).isEqualTo(1.0);
        assertThat(results.at("/n-samples/piqa/effective").asInt()).isEqualTo(4);
        assertThat(results.at("/config/model_num_parameters").asLong()).isEqualTo(1000);
        assertThat(results.at("/config/model_dtype").asText()).isEqualTo("torch.float32");
        assertThatThrownBy(() -> LmEvalResults.of(Reports.recovered(), "quantised"))
                .hasMessageContaining("quantised").hasMessageContaining("original");
    }

    @Test
    void modelCardSaysWhatIsKeptAndHowToLoadIt() {
        Report.LoadCheck check = new Report.LoadCheck(1e-6, 1, 1e-7, 1e-4, 32);
        Report report = Reports.recovered().with(List.of(
                new Report.Export("hf", List.of("config.json", "modeling_espalierllama.py"), 10, null, check),
                new Report.Export("padded", List.of("padded/config.json"), 10, "zeros fill it up", check),
                new Report.Export("gguf", List.of("model.gguf"), 10, null, check)));
        String card = ModelCard.of(report, "recovered", "mit");
        assertThat(card).startsWith("---\nbase_model: \"stories\"\n").contains("license: mit")
                .contains("800 of 1,000 parameters are kept (80.0 %)").contains("| 1 | 2 | 1 | 2 |")
                .contains("from_pretrained(\".\", trust_remote_code=True)").contains("from_pretrained(\"./padded\")")
                .contains("zeros fill it up").contains("llama-cli -m model.gguf")
                .contains("name: \"perplexity tiny@128\", value: 5.0");
        assertThat(ModelCard.of(report, "pruned", null)).doesNotContain("license:");
    }

    @Test
    void figuresReadTheSameEverywhere() {
        assertThat(List.of(Figures.bytes(999), Figures.bytes(1_040_128), Figures.bytes(13_500_000_000L)))
                .containsExactly("999 B", "1.04 MB", "13.5 GB");
        assertThat(List.of(Figures.significant(12.618), Figures.significant(0.03), Figures.significant(68378)))
                .containsExactly("12.6", "0.030", "68,378");
        assertThat(List.of(Figures.seconds(4.24), Figures.seconds(200), Figures.seconds(3725)))
                .containsExactly("4.2 s", "3 min 20 s", "1 h 02 min");
    }

    private static List<String> row(Comparison table, String label) {
        return table.rows().stream().filter(r -> r.label().equals(label)).findFirst().orElseThrow().cells();
    }
}
