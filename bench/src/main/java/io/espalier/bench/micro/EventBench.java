package io.espalier.bench.micro;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Shard;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.time.Instant;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Events to JSON and back, as the topics carry them. */
@State(Scope.Benchmark)
public class EventBench {
    private static final ArtifactRef ARTIFACT = ArtifactRef.file("a".repeat(64), 1 << 20);
    private static final TaskId ID = new TaskId(new JobId("job-0123456789"), 1, 0, 3);
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final Task task = new Task(ID, StageName.SCORE,
            new Work.Score(new ModelSource.Folder("/models/llama", "b".repeat(64)),
                    new MethodSpec(JsonNodeFactory.instance.objectNode().put("name", "llm-pruner")
                            .put("criterion", "param_first").put("reduction", "sum")),
                    null, ARTIFACT, new Shard(0, 32, 0, 10), 0),
            1, 1, null, AT, false);
    private final TaskReport report = new TaskReport.Succeeded(ID, 1, new WorkerId("scoring-1"), AT,
            Map.of("statistics", ARTIFACT), JsonNodeFactory.instance.objectNode().put("statistics", 224),
            new TaskReport.Usage(12.5, 640, 1L << 30), false);
    private final byte[] taskJson = write(task);
    private final byte[] reportJson = write(report);

    private static byte[] write(Object message) {
        try {
            return Json.events().writeValueAsBytes(message);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Benchmark
    public byte[] encodeTask() {
        return write(task);
    }

    @Benchmark
    public Task decodeTask() throws IOException {
        return Json.events().readValue(taskJson, Task.class);
    }

    @Benchmark
    public byte[] encodeReport() {
        return write(report);
    }

    @Benchmark
    public TaskReport decodeReport() throws IOException {
        return Json.events().readValue(reportJson, TaskReport.class);
    }
}
