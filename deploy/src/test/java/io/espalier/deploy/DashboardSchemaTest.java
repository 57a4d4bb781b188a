package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dashboards fit Grafana's types; that their queries are answered, DashboardTest of system-test shows. */
class DashboardSchemaTest {
    private static final JsonSchema GRAFANA = JsonSchema.of("grafana-dashboard");

    @ParameterizedTest
    @ValueSource(strings = {"overview", "job", "workers", "kafka"})
    void fitsGrafanasTypes(String name) throws Exception {
        GRAFANA.check(dashboard(name));
    }

    @Test
    void misspeltFieldsAreFound() throws Exception {
        ObjectNode dashboard = dashboard("overview");
        ((ObjectNode) dashboard.at("/panels/0/fieldConfig/defaults")).put("unti", "short");
        assertThatThrownBy(() -> GRAFANA.check(dashboard)).hasMessageContaining("/panels/0");
    }

    private static ObjectNode dashboard(String name) throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(Path.of("grafana", "dashboards", name + ".json").toFile());
    }
}
