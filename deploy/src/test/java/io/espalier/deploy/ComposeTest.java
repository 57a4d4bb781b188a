package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.Reader;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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

    @Test
    void imagesOfOthersHaveVersions() throws IOException {
        assertThat(compose().path("services").findValuesAsText("image"))
                .filteredOn(image -> !image.startsWith("espalier/"))
                .hasSize(5).allMatch(image -> image.matches("[a-z-]+/[a-z-]+:.*\\d+\\.?.*"));
    }

    /** minio.env starts the services of its profile, and the store it names is what they serve. */
    @Test
    void artifactsMayLieInMinio() throws IOException {
        Map<String, String> chosen = Files.readAllLines(Path.of("minio.env")).stream()
                .filter(line -> !line.startsWith("#")).map(line -> line.split("=", 2))
                .collect(Collectors.toMap(parts -> parts[0], parts -> parts[1]));
        JsonNode services = compose().path("services");
        List<String> started = services.properties().stream().filter(service -> service.getValue().at("/profiles/0")
                .asText().equals(chosen.get("COMPOSE_PROFILES"))).map(Map.Entry::getKey).toList();
        assertThat(started).containsExactly("minio", "minio-bucket");

        URI store = URI.create(chosen.get("ESPALIER_ARTIFACTS"));
        assertThat(store.getScheme()).isEqualTo("s3");
        assertThat(services.at("/minio-bucket/command").toString()).contains("store/" + store.getHost() + "\"");
        assertThat(store.getQuery()).contains("endpoint=http://minio:9000", "cache=/artifacts");
        for (String service : List.of("coordinator", "scoring-worker", "gpu-worker", "eval-worker")) {
            JsonNode environment = services.at("/" + service + "/environment");
            assertThat(environment.path("ESPALIER_ARTIFACTS").asText()).isEqualTo("${ESPALIER_ARTIFACTS:-/artifacts}");
            assertThat(environment.path("AWS_SECRET_ACCESS_KEY").asText()).isEqualTo(services.at(
                    "/minio/environment/MINIO_ROOT_PASSWORD").asText());
            assertThat(services.at("/" + service + "/depends_on/minio-bucket/required").asBoolean(true)).isFalse();
        }
        assertThat(chosen).containsKeys("ESPALIER_S3_ACCESS_KEY", "ESPALIER_S3_SECRET_KEY");
    }

    /** With anchors and merged keys resolved, as Compose reads it. */
    private static ObjectNode compose() throws IOException {
        try (Reader reader = Files.newBufferedReader(Path.of("docker-compose.yml"))) {
            return Chart.YAML.valueToTree(new Yaml(new SafeConstructor(new LoaderOptions())).load(reader));
        }
    }
}
