package io.espalier.gpu.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import io.espalier.worker.task.FakeContext;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SliceHandlerTest {
    private static final Path STORIES = Path.of("../examples/models/stories");

    @TempDir
    Path folder;

    private ArtifactStore artifacts;

    @BeforeEach
    void open() throws IOException {
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
    }

    @AfterEach
    void close() throws IOException {
        artifacts.close();
    }

    @Test
    void writesTheModelThatThePlanPromises() throws Exception {
        PruningPlan plan = plan(3);
        TaskResult result = run(Json.canonical(plan), "first");

        long expected = 260_032 - 5 * 3072 - 5 * 3 * 192;
        assertThat(plan.achieved().parameters()).isEqualTo(expected);
        assertThat(result.facts().get("parameters").longValue()).isEqualTo(expected);
        assertThat(result.facts().get("bytes").longValue()).isEqualTo(4 * expected);
        Path model = artifacts.tree(result.outputs().get("model"));
        assertThat(ModelConfig.read(model).layers()).allSatisfy(layer -> assertThat(layer.kvHeads()).isEqualTo(3));
        assertThat(model.resolve("tokenizer.json")).exists();
        assertThat(run(Json.canonical(plan), "second").outputs()).isEqualTo(result.outputs());
    }

    @Test
    void aPlanForAnotherModelIsRefused() {
        String plan = new String(Json.canonical(plan(3))).replace("171]", "172]");
        assertThatThrownBy(() -> run(plan.getBytes(), "wrong")).isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("the plan keeps number 172 of the 172 channels of layer 0");
    }

    /** Loses one KV group and some channels in each layer. */
    private static PruningPlan plan(int channels) {
        Selection selection = new Selection(ModelShape.of(ModelConfig.read(STORIES)));
        for (int layer = 0; layer < 5; layer++) {
            selection.remove(selection.inventory().units(UnitType.ATTENTION, layer).get(1));
            selection.inventory().units(UnitType.MLP, layer).subList(4, 4 + channels).forEach(selection::remove);
        }
        return selection.toPlan();
    }

    private TaskResult run(byte[] plan, String scratch) throws Exception {
        ArtifactRef stored = artifacts.putBytes(plan);
        var method = new MethodSpec(JsonNodeFactory.instance.objectNode().put("name", "magnitude"));
        var work = new Work.Slice(new ModelSource.Folder(STORIES.toString(), null), method, stored, null);
        return new SliceHandler(Device.cpu()).run(work,
                new FakeContext(artifacts, Files.createDirectory(folder.resolve(scratch))));
    }
}
