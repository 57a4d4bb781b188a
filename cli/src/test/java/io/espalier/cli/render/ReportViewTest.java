package io.espalier.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.topic.Json;
import io.espalier.report.Report;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportViewTest {
    @Test
    void showsBeforeAndAfter() throws Exception {
        String table = ReportView.beforeAfter(report("a", 200_000, 5.5, true));

        assertThat(table.lines().toList()).satisfiesExactly(
                head -> assertThat(head.split("\\s+")).contains("original", "pruned", "recovered"),
                parameters -> assertThat(parameters).contains("260,032", "200,000", "-23.1 %"),
                perplexity -> assertThat(perplexity).startsWith("perplexity tiny@128").contains("4.33", "5.50"));
    }

    @Test
    void saysWhenRecoveryWasNotTaken() throws Exception {
        assertThat(ReportView.beforeAfter(report("a", 200_000, 5.5, false))).contains("recovery made validation worse");
    }

    @Test
    void putsJobsSideBySideWithTheResultThatCounts() throws Exception {
        String table = ReportView.sideBySide(List.of(report("first", 200_000, 5.5, true),
                report("second", 150_000, 7.25, false)));

        assertThat(table.lines().findFirst().orElseThrow().strip().split("\\s{2,}")).containsExactly("original",
                "first", "second");
        assertThat(table).containsPattern("method +llm-pruner l1 +llm-pruner l1");
        assertThat(table).containsPattern("target +parameters 0.8");
        assertThat(table).containsPattern("perplexity tiny@128 +4.33 +5.00 .* 7.25");
    }

    @Test
    void tellsHowATargetInTimeWasMet() throws Exception {
        JsonNode json = Json.events().readTree("""
                {"job": {"id": "a", "state": "SUCCEEDED"}, "stages": [],
                 "request": {"method": {"name": "random"}, "target": {"latency": {"decode": "2.5ms"}}},
                 "models": {"original": {"parameters": 100}, "pruned": {"parameters": 70}},
                 "plan": {"layers": [], "latency": {"phase": "decode", "relative": false, "targetMillis": 2.5,
                   "targetShare": 0.5, "originalMillis": 5, "predictedMillis": 2.4, "predictedShare": 0.48,
                   "variants": [], "reached": {"originalMillis": 5.1, "millis": 2.45, "share": 0.48, "met": true}}}}
                """);
        Report report = ReportView.parse(json);
        assertThat(ReportView.beforeAfter(report)).contains("decode: target 2.50 ms, predicted 48.0 % (2.40 ms), "
                + "reached 48.0 % (2.45 ms)\n");
        assertThat(ReportView.sideBySide(List.of(report))).containsPattern("target +latency\\.decode 2.5ms")
                .containsPattern("decode predicted +5.00 ms +2.40 ms");
    }

    private static Report report(String name, long parameters, double perplexity, boolean accepted) throws Exception {
        JsonNode json = Json.events().readTree("""
                {"job": {"id": "%s-1", "name": "%s", "state": "SUCCEEDED"},
                 "request": {"method": {"name": "llm-pruner", "criterion": "l1"}, "target": {"parameters": 0.8}},
                 "models": {
                   "original": {"parameters": 260032, "perplexity": {"tiny@128": 4.33}},
                   "pruned": {"parameters": %d, "perplexity": {"tiny@128": %s}},
                   "recovered": {"parameters": %d, "perplexity": {"tiny@128": 5.0}}},
                 "recovery": {"accepted": %s}, "stages": []}
                """.formatted(name, name, parameters, perplexity, parameters, accepted));
        return ReportView.parse(json);
    }
}
