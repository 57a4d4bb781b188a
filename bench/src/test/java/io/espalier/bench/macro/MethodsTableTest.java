package io.espalier.bench.macro;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.report.Report;
import java.util.List;
import org.junit.jupiter.api.Test;

class MethodsTableTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void aMethodHasOneLineWithColumnsForEachTarget() {
        MethodsTable table = new MethodsTable("toy", List.of(
                report("{\"name\": \"llm-pruner\", \"criterion\": \"param_mix\"}", 0.8, 800, 14.26, 1.5, 2_000_000L),
                report("{\"name\": \"random\"}", 0.8, 798, 19.0, 2, 3_000_000L),
                report("{\"name\": \"llm-pruner\", \"criterion\": \"param_mix\"}", 0.6, 600, 133.4, 1, 5_000_000L)));

        assertThat(table.rows()).extracting(MethodsTable.Row::method).containsExactly("llm-pruner param_mix", "random");
        assertThat(table.rows().getFirst().results()).containsOnlyKeys("80 %", "60 %");
        assertThat(table.markdown()).contains(
                "| method | parameters at 80 % | perplexity | busy | parameters at 60 % | perplexity | busy | peak memory of"
                        + " a worker |\n|---|---|---|---|---|---|---|---|\n",
                "| llm-pruner param_mix | 800 (80.0 %) | 14.3 | 3.0 s | 600 (60.0 %) | 133 | 2.0 s | 5.00 MB |\n",
                "| random | 798 (79.8 %) | 19.0 | 4.0 s | | | | 3.00 MB |\n");
    }

    @Test
    void saysWhatItWasMadeFrom() {
        MethodsTable table = new MethodsTable("toy", List.of(report("{\"name\": \"random\"}", 0.8, 800, 19, 1, null)));
        assertThat(table.digest()).isEqualTo("abc");
        assertThat(table.markdown())
                .contains("Original: 1,000 parameters, perplexity 4.50 (tiny@128); model digest `abc`;"
                        + " seeds 42.");
        assertThat(table.markdown()).contains("| random | 800 (80.0 %) | 19.0 | 2.0 s |  |\n");
    }

    /** Of a job with two stages, each busy for the given seconds; only the first tells its memory. */
    private static Report report(String method, double target, long parameters, double perplexity, double busySeconds,
            Long peakBytes) {
        String json = """
                {"job": {"id": "j", "state": "SUCCEEDED"},
                 "request": {"method": %s, "target": {"parameters": %s}, "calibration": {"seed": 42}},
                 "models": {"original": {"parameters": 1000, "perplexity": {"tiny@128": 4.5}},
                            "pruned": {"parameters": %d, "perplexity": {"tiny@128": %s}}},
                 "plan": {"layers": [], "achieved": {"parameters": %d, "share": %s}},
                 "stages": [{"stage": "SCORE", "busySeconds": %s, "peakMemoryBytes": %s},
                            {"stage": "EVALUATE", "busySeconds": %s}],
                 "environment": {"device": "cpu", "digests": {"model": "abc"}}}
                """.formatted(method, target, parameters, perplexity, parameters, parameters / 1000.0, busySeconds,
                peakBytes, busySeconds);
        try {
            return JSON.readValue(json, Report.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
