package io.espalier.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.request.IndexRange;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.topic.Json;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every message, all components set, comes back from JSON as it was; read as the type that its topic carries. */
class MessageRoundTripTest {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Map<Class<?>, Object> SAMPLES = Map.ofEntries(Map.entry(String.class, "text \u00e4 \"q\""),
            Map.entry(int.class, 3), Map.entry(Integer.class, 4), Map.entry(long.class, 1L << 40),
            Map.entry(Long.class, (1L << 52) + 1), Map.entry(double.class, 0.1), Map.entry(Double.class, 1e-7),
            Map.entry(boolean.class, true), Map.entry(Instant.class, Instant.parse("2026-01-02T03:04:05.678901Z")),
            Map.entry(JobId.class, new JobId("stories-1")), Map.entry(WorkerId.class, new WorkerId("gpu-1-abc")),
            Map.entry(TaskId.class, TaskId.parse("stories-1/2/0/5")), Map.entry(Shard.class, new Shard(0, 3, 2, 10)),
            Map.entry(IndexRange.class, new IndexRange(4, 29)),
            Map.entry(ArtifactRef.class, ArtifactRef.tree("0a".repeat(32), 12)),
            Map.entry(ObjectNode.class, JSON.objectNode().put("a", 1).put("b", "c")),
            Map.entry(ArrayNode.class, JSON.arrayNode().add(JSON.objectNode().put("format", "gguf"))),
            Map.entry(JsonNode.class, JSON.objectNode().put("model", "m")),
            Map.entry(MethodSpec.class, new MethodSpec(JSON.objectNode().put("name", "random").put("steps", 2))));

    static Stream<Class<?>> families() {
        return Stream.of(Command.class, Task.class, TaskReport.class, Control.class, Work.class, ModelSource.class,
                JobSnapshot.class, ModelFacts.class);
    }

    @ParameterizedTest
    @MethodSource("families")
    void comesBackAsItWas(Class<?> family) throws Exception {
        ObjectMapper mapper = Json.events();
        for (Object message : samples(family)) {
            String json = mapper.writerFor(family).writeValueAsString(message);

            assertThat(mapper.readValue(json, family)).as(json).isEqualTo(message);
            assertThat(mapper.writeValueAsString(message)).isEqualTo(json);
        }
    }

    private static List<Object> samples(Class<?> type) {
        return type.isSealed()
                ? Arrays.stream(type.getPermittedSubclasses()).flatMap(t -> samples(t).stream()).toList()
                : List.of(sample(type));
    }

    private static Object sample(Type type) {
        if (type instanceof ParameterizedType generic) {
            List<Object> arguments = Arrays.stream(generic.getActualTypeArguments()).map(MessageRoundTripTest::sample)
                    .toList();
            return generic.getRawType() == List.class
                    ? List.of(arguments.getFirst(), arguments.getFirst())
                    : Map.of(arguments.get(0), arguments.get(1));
        }
        Class<?> wanted = (Class<?>) type;
        if (SAMPLES.containsKey(wanted)) {
            return SAMPLES.get(wanted);
        }
        if (wanted.isEnum()) {
            return wanted.getEnumConstants()[wanted.getEnumConstants().length - 1];
        }
        return wanted.isSealed() ? samples(wanted).getLast() : newRecord(wanted);
    }

    private static Object newRecord(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Class<?>[] types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(components).map(c -> sample(c.getGenericType())).toArray();
        try {
            return type.getDeclaredConstructor(types).newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(type + " cannot be made", e);
        }
    }
}
