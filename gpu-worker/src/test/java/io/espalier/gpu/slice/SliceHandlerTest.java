package io.espalier.gpu.slice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.forward.Model;
import io.espalier.model.text.TokenFile;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.SliceMemory;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import io.espalier.worker.task.FakeContext;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SliceHandlerTest {
    private static final Path STORIES = Path.of("../examples/models/stories");

    /** Some tokens of the model, eight times 32. */
    private static final int[][] SEQUENCES = IntStream.range(0, 8)
            .mapToObj(s -> IntStream.range(0, 32).map(t -> (1 + 37 * s + 11 * t * t) % 512).toArray())
            .toArray(int[][]::new);

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

    @Test
    void aRepairThatFitsNotEvenOneSequenceIsRefusedWithWhatItNeeds() throws Exception {
        MemoryPlan least = repair().least();

        assertThatThrownBy(() -> repaired(least.total() - 1, 1)).isInstanceOf(PermanentFailureException.class)
                .hasMessageContainingAll("repairing the weights", (least.total() >> 20) + " MiB",
                        "ESPALIER_MEMORY_MEBIBYTES", "method.reformation: none");
    }

    /** Little memory, or a failure for want of it, changes the micro-batch and whether a block is read ahead. */
    @Test
    void aRepairGoesTheWayThatFits() throws Exception {
        float[] roomy = repaired(Long.MAX_VALUE / 2, 1);
        float[] tight = repaired(repair().least().total(), 1);
        float[] again = repaired(Long.MAX_VALUE / 2, 4);

        for (int i = 0; i < roomy.length; i++) {
            assertThat(tight[i]).isCloseTo(roomy[i], within(1e-4F));
            assertThat(again[i]).isCloseTo(roomy[i], within(1e-4F));
        }
    }

    private static SliceMemory repair() {
        return new SliceMemory(Methods.named("search"), new MethodOptions(method("search").json()), ModelConfig.read(
                STORIES), SEQUENCES.length, SEQUENCES[0].length);
    }

    /** Weights of the last layer's down_proj. */
    private float[] repaired(long memory, int divisor) throws Exception {
        Path tokens = folder.resolve("tokens-" + memory + "-" + divisor);
        TokenFile.write(tokens, SEQUENCES);
        var work = new Work.Slice(new ModelSource.Folder(STORIES.toString(), null), method("search"),
                artifacts.putBytes(Json.canonical(plan(3))), artifacts.putFile(tokens));
        FakeContext context = new FakeContext(artifacts, Files.createTempDirectory(folder, "attempt"));
        TaskResult result = new SliceHandler(Device.cpu(), memory).run(work, context.withMicroBatchDivisor(divisor));
        try (Model model = Model.streamed(artifacts.tree(result.outputs().get("model")), Device.cpu());
                NDManager scope = model.newScope()) {
            return model.block(scope, 4).get(Role.DOWN).toFloatArray();
        }
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

    private static MethodSpec method(String name) {
        return new MethodSpec(JsonNodeFactory.instance.objectNode().put("name", name));
    }

    private TaskResult run(byte[] plan, String scratch) throws Exception {
        ArtifactRef stored = artifacts.putBytes(plan);
        var work = new Work.Slice(new ModelSource.Folder(STORIES.toString(), null), method("magnitude"), stored, null);
        return new SliceHandler(Device.cpu(), 1).run(work,
                new FakeContext(artifacts, Files.createDirectory(folder.resolve(scratch))));
    }
}
