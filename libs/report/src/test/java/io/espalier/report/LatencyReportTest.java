package io.espalier.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.report.html.HtmlReport;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyReportTest {
    private static final String LATENCY = """
            {"phase": "prefill", "relative": true, "targetMillis": 1.4, "targetShare": 0.7, "originalMillis": 2.0,
             "predictedMillis": 1.36, "predictedShare": 0.68, "device": "cpu", "threads": 2, "promptTokens": 64,
             "rounds": 9,
             "model": {"base": 0.1, "layer": 0.2, "kvGroup": 0.03, "channel": 0.00123, "largestError": 0.02},
             "variants": [{"layers": 5, "kvGroups": 20.0, "channels": 860.0, "millis": 2.05, "fittedMillis": 2.0,
               "quartiles": [1.95, 2.15]}],
             "reached": {"originalMillis": 2.1, "millis": 1.5, "quartiles": [1.4, 1.6], "share": 0.714, "met": false}}
            """;

    @Test
    void theSentenceTellsTargetPredictionAndMeasurement() throws Exception {
        assertThat(report(LATENCY).plan().latency().sentence()).isEqualTo("prefill: target 70.0 % of the original's, "
                + "predicted 68.0 % (1.36 ms), reached 71.4 % (1.50 ms; half of the runs between 1.40 and 1.60 ms): "
                + "more than the target");
        String absolute = LATENCY.replace("\"relative\": true", "\"relative\": false").replace("\"met\": false",
                "\"met\": true");
        assertThat(report(absolute).plan().latency().sentence()).startsWith("prefill: target 1.40 ms, predicted")
                .endsWith("1.60 ms)");
        ObjectNode running = (ObjectNode) Reports.JSON.readTree(LATENCY);
        running.remove("reached");
        assertThat(report(running.toString()).plan().latency().sentence()).endsWith("reached not measured yet");
    }

    @Test
    void whatWasPredictedStandsBelowWhatWasMeasured() throws Exception {
        Comparison.Row row = Comparison.of(report(LATENCY)).rows().stream().filter(other -> other.label().equals(
                "prefill predicted")).findFirst().orElseThrow();
        assertThat(row.cells()).containsExactly("2.00 ms", "1.36 ms (-32.0 %)", "1.36 ms (-32.0 %)");
        assertThat(Comparison.of(Reports.recovered()).rows()).extracting(Comparison.Row::label).doesNotContain(
                "prefill predicted");
    }

    @Test
    void jobsComparedHaveItThereToo() throws Exception {
        var labels = Comparison.ofResults(List.of(Reports.recovered(), report(LATENCY))).rows().stream().map(
                Comparison.Row::label).toList();
        assertThat(labels).doesNotHaveDuplicates().containsSubsequence("parameters", "prefill", "decode per token",
                "prefill predicted", "peak memory");
    }

    @Test
    void theSectionShowsTheVariantsAndTheModel() throws Exception {
        String html = HtmlReport.of(report(LATENCY));
        assertThat(html).contains("id=\"latency\"", "<th scope=\"row\">predicted</th><td>1.36 ms</td><td>68.0 %</td>",
                "<th scope=\"row\">reached</th><td>1.50 ms</td><td>71.4 %</td><td>1.40 ms to 1.60 ms</td>"
                        + "<td>more than the target</td>",
                "1.95 ms to 2.15 ms", "-2.4 %",
                "0.00123 ms for each channel", "on cpu with 2 threads");
        assertThat(HtmlReport.of(Reports.recovered())).doesNotContain("id=\"latency\"");
    }

    private static Report report(String latency) throws Exception {
        ObjectNode json = Reports.JSON.valueToTree(Reports.recovered());
        ((ObjectNode) json.get("plan")).set("latency", Reports.JSON.readTree(latency));
        return Reports.JSON.treeToValue(json, Report.class);
    }
}
