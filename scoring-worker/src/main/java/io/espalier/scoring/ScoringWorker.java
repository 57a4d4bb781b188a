package io.espalier.scoring;

import ai.djl.Device;
import io.espalier.model.engine.Torch;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.task.WorkerMemory;
import io.espalier.worker.task.WorkerProcess;
import java.util.Map;

/** Serves PREPARE, SCORE and RANK tasks, and the proposals of SEARCH. */
public final class ScoringWorker {
    /** Of one checkpoint of a SCORE task. */
    private static final int DEFAULT_CHECKPOINT_MEBIBYTES = 4096;
    private static final int MEBIBYTE_BITS = 20;

    private ScoringWorker() {}

    public static void main(String[] args) {
        WorkerProcess.run(WorkerKind.SCORING, (worker, config) -> {
            Device device = Torch.device(config.device());
            if (config.threads() > 0) {
                Torch.setThreads(config.threads());
            }
            worker.describe(device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu",
                    config.threads() > 0 ? config.threads() : Runtime.getRuntime().availableProcessors(),
                    Torch.version(), Map.of());
            Settings settings = Settings.fromEnv(System.getenv());
            worker.handle(Work.Prepare.class, new PrepareHandler()).handle(Work.Score.class,
                    new ScoreHandler(device, WorkerMemory.bytes(settings), checkpointBytes(settings)))
                    .handle(Work.Rank.class, new RankHandler())
                    .handle(Work.Propose.class, new ProposeHandler());
        });
    }

    private static long checkpointBytes(Settings settings) {
        return (long) settings.integer("checkpoint.mebibytes", DEFAULT_CHECKPOINT_MEBIBYTES, 0,
                Integer.MAX_VALUE) << MEBIBYTE_BITS;
    }
}
