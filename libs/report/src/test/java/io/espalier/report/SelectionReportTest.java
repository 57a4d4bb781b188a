package io.espalier.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

class SelectionReportTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void onlyWhatIsOtherwiseIsTold() throws Exception {
        JsonNode request = JSON.readTree("""
                { "method": { "name": "llm-pruner", "criterion": "param_first", "ranking": "local" },
                  "calibration": { "seed": 42, "samples": 10 }, "layers": { "mlp": [0, 3] } }""");

        assertThat(Differences.between(request, JSON.readTree("{}"))).isEmpty();
        assertThat(Differences.between(request, JSON.readTree("""
                { "method": { "name": "llm-pruner", "criterion": "param_mix", "ranking": "local" } }""")))
                .containsExactly("method.criterion param_mix");
        assertThat(Differences.between(request, JSON.readTree("""
                { "method": { "name": "llm-bip", "norm": "l1", "ranking": "local" }, "calibration": { "seed": 43 },
                  "layers": { "mlp": [1, 3] } }"""))).containsExactly("method.name llm-bip", "method.norm l1",
                "calibration.seed 43", "layers.mlp [1,3]");
    }
}
