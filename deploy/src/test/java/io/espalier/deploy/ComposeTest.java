package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** docker-compose.yml fits the Compose specification, and what it names is there. */
class ComposeTest {
    private static final JsonSchema SPECIFICATION = JsonSchema.of("compose-spec");

    @Test
    void fitsTheSpecification() throws IOException {
        SPECIFICATION.check(compose());
    }

    @Test
    void misspeltKeysAreFound() throws IOException {
        ObjectNode compose = compose();
        ((ObjectNode) compose.at("/services/gpu-worker")).put("stop_grace_perod", "2m");
        assertThatThrownBy(() -> SPECIFICATION.check(compose)).hasMessageContaining("stop_grace_perod");
    }

    @Test
    void everyFileThatIsMountedIsThere() throws IOException {
        List<String> mounted = new ArrayList<>();
        for (JsonNode service : compose().path("services")) {
            service.path("volumes").forEach(volume -> mounted.add(volume.asText().split(":")[0]));
        }
        assertThat(mounted).filteredOn(place -> place.startsWith("./")).isNotEmpty().allSatisfy(place -> assertThat(
                Path.of(place)).exists());
    }

    @Test
    void prometheusLooksForEveryKindOfWorker() throws IOException {
        List<String> workers = compose().path("services").properties().stream().map(service -> service.getKey())
                .filter(name -> name.endsWith("-worker")).toList();
        JsonNode names = Chart.YAML.readTree(Path.of("prometheus", "prometheus.yml").toFile()).findValue("names");
        assertThat(StreamSupport.stream(names.spliterator(), false).map(JsonNode::asText))
                .containsExactlyInAnyOrderElementsOf(workers);
    }

    /** With anchors and merged keys resolved, as Compose reads it. */
    private static ObjectNode compose() throws IOException {
        try (Reader reader = Files.newBufferedReader(Path.of("docker-compose.yml"))) {
            return Chart.YAML.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(reader));
        }
    }
}
