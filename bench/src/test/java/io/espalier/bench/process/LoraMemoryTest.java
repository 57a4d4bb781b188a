package io.espalier.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.bench.TestHome;
import io.espalier.bench.model.Texts;
import io.espalier.bench.task.Works;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.GraphSize;
import io.espalier.protocol.message.Work;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training keeps what it needs for the way back where the memory that it was given suffices, and stays within it. */
class LoraMemoryTest {
    private static final int BATCH = 16;
    private static final int LENGTH = 128;
    /** Java, the tensor engine, adapters with their optimizer, and logits; no plan of RECOVER counts them. */
    private static final long BESIDE = 700L << 20;

    @TempDir
    Path folder;

    @Test
    void whatIsKeptForTheWayBackStaysWithinItsMemory() throws Exception {
        Path model = ScoringMemoryTest.wide(folder);
        ModelConfig config = ModelConfig.read(model);
        Work work = new Works(model, new Texts(TestHome.ROOT)).recover(1, BATCH, BATCH, LENGTH);
        long weights = config.parameters() * Float.BYTES;
        long graphs = GraphSize.ofAdapted(config, (long) BATCH * LENGTH);

        long kept = peak(work, weights + graphs);
        long again = peak(work, weights + graphs / 2);

        System.out.printf("LoRA: weights %d MiB, graphs %d MiB; peak %d MiB, %d MiB where they are computed again%n",
                weights >> 20, graphs >> 20, kept >> 20, again >> 20);
        assertThat(kept).isLessThan(weights + graphs + BESIDE);
        assertThat(again).isLessThan(kept - graphs / 4);
    }

    private long peak(Work work, long resident) throws Exception {
        return TaskChild.run(work, folder.resolve("tasks"), Map.of("ESPALIER_RESIDENT_MEBIBYTES",
                Long.toString(Math.ceilDiv(resident, 1 << 20)))).peakBytes();
    }
}
