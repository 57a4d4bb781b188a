package io.espalier.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.EventType;
import io.espalier.protocol.topic.Topic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Keeps docs/api/asyncapi.yaml true: topics, event types and the fields of messages are those of the code. */
class AsyncApiTest {
    private static final String WORK = "/components/schemas/task/properties/work";
    private final JsonNode document = read(Path.of("../docs/api/asyncapi.yaml"));

    private static JsonNode read(Path file) {
        try {
            return RequestReader.parse(Files.readString(file)).root();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void channelsAreTheTopicsWithTheirSettings() {
        assertThat(stream(document.get("channels")).map(channel -> channel.get("address").asText()))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Topic.values()).map(Topic::topicName).toList());
        for (Topic topic : Topic.values()) {
            JsonNode kafka = stream(document.get("channels")).filter(channel -> channel.get("address").asText().equals(
                    topic.topicName())).findFirst().orElseThrow().at("/bindings/kafka");
            assertThat(kafka.get("topic").asText()).isEqualTo(topic.topicName());
            JsonNode config = kafka.get("topicConfiguration");
            assertThat(stream(config.get("cleanup.policy")).map(JsonNode::asText).collect(Collectors.joining(",")))
                    .isEqualTo(topic.config().get("cleanup.policy"));
            assertThat(config.path("retention.ms").asText(null)).as(topic.topicName()).isEqualTo(topic.config().get(
                    "retention.ms"));
            assertThat(kafka.has("partitions")).isEqualTo(topic.partitions() == Topic.Partitions.ONE && topic
                    .config().get("cleanup.policy").equals("delete"));
        }
    }

    @Test
    void cloudEventsAreTheEventTypes() {
        Set<String> described = stream(document.at("/components/messages")).filter(message -> message.has("traits"))
                .map(message -> message.get("name").asText()).collect(Collectors.toSet());
        assertThat(described).isEqualTo(Arrays.stream(EventType.values()).map(EventType::typeName).collect(Collectors
                .toSet()));
    }

    @Test
    void workersGroupsAreNamed() {
        for (WorkerKind kind : WorkerKind.values()) {
            assertThat(document.get("operations").findValuesAsText("const")).contains(Topic.workersGroup(kind));
        }
    }

    @Test
    void payloadsHaveTheFieldsOfTheRecords() {
        Map<String, Class<?>> records = Map.of("task", Task.class, "control", Control.class, "started",
                TaskReport.Started.class, "progress", TaskReport.Progress.class, "succeeded",
                TaskReport.Succeeded.class, "failed", TaskReport.Failed.class);
        records.forEach((schema, type) -> {
            Set<String> described = new TreeSet<>();
            document.at("/components/schemas/" + schema + "/properties").fieldNames().forEachRemaining(described::add);
            Set<String> fields = Arrays.stream(type.getRecordComponents()).map(component -> component.getName())
                    .collect(Collectors.toCollection(TreeSet::new));
            if (TaskReport.class.isAssignableFrom(type)) {
                fields.add("type");
            }
            assertThat(described).as(schema).isEqualTo(fields);
        });
    }

    @Test
    void enumerationsAreComplete() {
        assertThat(values("/components/schemas/failed/properties/kind/enum")).containsExactlyElementsOf(names(
                FailureKind.values()));
        assertThat(values("/components/schemas/task/properties/stage/enum")).containsExactlyElementsOf(names(StageName
                .values()));
        assertThat(values("/components/schemas/control/properties/wish/enum")).containsExactlyElementsOf(names(
                Control.Wish.values()));
        assertThat(values(WORK + "/properties/type/enum")).containsExactlyElementsOf(
                Arrays.stream(Work.class.getAnnotation(JsonSubTypes.class).value()).map(JsonSubTypes.Type::name)
                        .toList());
    }

    @Test
    void referencesPointSomewhere() {
        document.findValuesAsText("$ref").forEach(reference -> assertThat(document.at(reference.substring(1))
                .isMissingNode()).as(reference).isFalse());
    }

    private Stream<String> values(String pointer) {
        return stream(document.at(pointer)).map(JsonNode::asText);
    }

    private static Iterable<String> names(Enum<?>[] values) {
        return Arrays.stream(values).map(Enum::name).toList();
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }
}
