package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.topic.Topic;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart renders to objects that a cluster accepts, and says the same as the code. */
class ChartTest {
    private static final Path VALUES = Path.of("kubernetes", "values").toAbsolutePath();
    private static final Path MANIFESTS = Path.of("kubernetes", "manifests").toAbsolutePath();

    @Test
    void helmFindsNothingToComplain() {
        var lint = Chart.helm().lint().call();
        assertThat(lint.isFailed()).as(lint.getMessages().toString()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "shared-volume"})
    void everyObjectFitsItsSchema(String values) {
        List<JsonNode> objects = Chart.objects(Chart.text(VALUES.resolve(values + ".yaml")));
        assertThat(objects).hasSizeGreaterThan(8).allSatisfy(ObjectCheck::check);
    }

    /** The check itself must be able to fail, for every way of checking. */
    @ParameterizedTest
    @CsvSource({"Deployment, /spec/template/spec/containers/0", "ServiceMonitor, /spec/endpoints/0",
        "KafkaUser, /spec/authorization/acls/0", "ScaledObject, /spec"})
    void misspeltFieldsAreFound(String kind, String where) {
        ObjectNode object = full(kind).getFirst().deepCopy();
        ((ObjectNode) object.at(where)).put("misspelt", 1);
        assertThatThrownBy(() -> ObjectCheck.check(object)).hasMessageContaining("misspelt");
    }

    /** The committed manifests are for people without Helm; {@code -Despalier.render=true} writes them anew. */
    @ParameterizedTest
    @ValueSource(strings = {"full", "shared-volume"})
    void manifestsAreTheRenderedChart(String values) throws Exception {
        Path file = MANIFESTS.resolve(values + ".yaml");
        String rendered = Chart.text(VALUES.resolve(values + ".yaml"));
        if (Boolean.getBoolean("espalier.render")) {
            Files.createDirectories(MANIFESTS);
            Files.writeString(file, rendered);
        }
        assertThat(Chart.objects(rendered)).isEqualTo(Chart.objects(Files.readString(file)));
    }

    @Test
    void topicsAreThoseOfTheCode() {
        Map<String, Object> declared = new TreeMap<>();
        for (Topic topic : Topic.values()) {
            int partitions = topic.partitions() == Topic.Partitions.BY_JOB ? 4 : 1;
            declared.put(topic.topicName(), Map.of("partitions", partitions, "config", topic.config()));
        }
        Map<String, Object> rendered = new TreeMap<>();
        for (JsonNode topic : full("KafkaTopic")) {
            JsonNode spec = topic.path("spec");
            Map<String, String> config = new HashMap<>();
            spec.path("config").properties().forEach(entry -> config.put(entry.getKey(), entry.getValue().asText()));
            rendered.put(topic.at("/metadata/name").asText(),
                    Map.of("partitions", spec.path("partitions").asInt(), "config", config));
        }
        assertThat(rendered).isEqualTo(declared);
    }

    @Test
    void everyKindOfWorkerScalesOnItsOwnBacklog() {
        Map<String, String> queries = full("ScaledObject").stream()
                .collect(Collectors.toMap(object -> object.at("/spec/scaleTargetRef/name").asText(),
                        object -> object.at("/spec/triggers/0/metadata/query").asText()));
        assertThat(queries.keySet()).isEqualTo(full("Deployment").stream()
                .map(object -> object.at("/metadata/name").asText()).filter(name -> name.contains("worker"))
                .collect(Collectors.toSet()));
        queries.forEach((name, query) -> {
            String kind = name.split("-")[1];
            assertThat(query).contains("espalier_tasks_waiting{kind=\"" + kind + "\"",
                    "espalier_tasks_running{kind=\"" + kind + "\"");
        });
    }

    /** A pod that is killed before its checkpoint is written loses the work since the last one. */
    @Test
    void podsLiveLongerThanTheyDrain() {
        for (JsonNode worker : full("Deployment")) {
            JsonNode pod = worker.at("/spec/template/spec");
            String drain = environment(pod).get("ESPALIER_DRAIN_SECONDS");
            if (drain != null) {
                assertThat(pod.path("terminationGracePeriodSeconds").asInt()).isGreaterThan(Integer.parseInt(drain));
            }
        }
    }

    @Test
    void brokersMustBeNamed() {
        assertThatThrownBy(() -> Chart.helm().template().withName("espalier").call())
                .hasMessageContaining("kafka.bootstrapServers: say where Kafka is");
    }

    @Test
    void unknownValuesAreErrors() {
        assertThatThrownBy(() -> Chart.helm().template().withName("espalier").set("kafka.bootstrapServer", "k:9092")
                .call()).hasMessageContaining("bootstrapServer");
    }

    private static List<JsonNode> full(String kind) {
        return Chart.objects(Chart.text(VALUES.resolve("full.yaml"))).stream()
                .filter(object -> object.path("kind").asText().equals(kind)).toList();
    }

    private static Map<String, String> environment(JsonNode pod) {
        Map<String, String> environment = new HashMap<>();
        pod.at("/containers/0/env").forEach(variable -> environment.put(variable.path("name").asText(),
                variable.path("value").asText()));
        assertThat(environment.keySet()).containsAll(Arrays.asList("ESPALIER_ARTIFACTS", "ESPALIER_HTTP_PORT"));
        return environment;
    }
}
