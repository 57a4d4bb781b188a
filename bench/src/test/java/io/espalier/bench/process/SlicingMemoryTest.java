package io.espalier.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.TestHome;
import io.espalier.bench.model.Texts;
import io.espalier.bench.task.Handled;
import io.espalier.bench.task.Works;
import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.method.MemoryPlan;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Methods;
import io.espalier.pruning.method.SliceMemory;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.Selection;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a memory plan says before slicing starts is what the process then takes (VmHWM), on the safe side. */
class SlicingMemoryTest {
    private static final int SAMPLES = 8;
    private static final int LENGTH = 128;
    /** As of scoring. */
    private static final double GENEROUS = 2;

    @TempDir
    static Path folder;
    private static Path model;

    @BeforeAll
    static void make() throws Exception {
        model = ScoringMemoryTest.wide(folder);
    }

    @ParameterizedTest
    @CsvSource({"exact, true", "exact, false", "admm, false", "none, false"})
    void thePlanHolds(String reformation, boolean readsAhead) throws Exception {
        ModelConfig config = ModelConfig.read(model);
        var works = new Works(model, new Texts(TestHome.ROOT));
        PruningRequest request = works.request(search(reformation), SAMPLES, LENGTH, 0.8);
        var memory = new SliceMemory(Methods.named("search"), new MethodOptions(request.method().json()), config,
                SAMPLES,
                LENGTH);
        long mebibytes = Math.ceilDiv((readsAhead ? memory.streaming() : memory.least()).total(), 1 << 20);
        MemoryPlan plan = memory.fit(mebibytes << 20, 1);
        assertThat(plan.ahead() > 0).isEqualTo(readsAhead);

        Work.Slice work = work(works, request, config);
        long took = ScoringMemoryTest.peak(work, folder, plan, mebibytes);

        double ratio = (double) plan.total() / took;
        System.out.printf("SLICE, reformation %s, micro-batch %d%s: planned %d MiB, took %d MiB, ratio %.2f%n",
                reformation,
                plan.microBatch(), readsAhead ? ", next block ahead" : "", plan.total() >> 20, took >> 20,
                ratio);
        assertThat(ratio).as("planned bytes / peak of the process").isBetween(1.0, GENEROUS);
    }

    /** A few iterations take the memory of many. */
    private static ObjectNode search(String reformation) {
        return Works.method("search", Map.of("reformation", reformation)).put("iterations", 3);
    }

    /** Loses a quarter of each layer's heads, and few channels: what stays is what a repair holds. */
    private static Work.Slice work(Works works, PruningRequest request, ModelConfig config) throws Exception {
        Selection selection = new Selection(ModelShape.of(config));
        for (int layer = 0; layer < config.layers().size(); layer++) {
            selection.inventory().units(UnitType.ATTENTION, layer).subList(2, 4).forEach(selection::remove);
            selection.inventory().units(UnitType.MLP, layer).subList(100, 400).forEach(selection::remove);
        }
        PruningPlan plan = selection.toPlan();
        try (var tasks = new Handled(folder.resolve("tasks"))) {
            ArtifactRef tokens = tasks.store(Texts.tokens(SAMPLES, LENGTH, config.vocabularySize()));
            return works.slice(request, tasks.artifacts().putBytes(Json.canonical(plan)), tokens);
        }
    }
}
