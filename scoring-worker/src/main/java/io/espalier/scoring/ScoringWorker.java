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
            worker.handle(Work.Prepare.class, new PrepareHandler()).handle(Work.Score.class,
                    new ScoreHandler(device, WorkerMemory.bytes(Settings.fromEnv(System.getenv()))))
                    .handle(Work.Rank.class, new RankHandler())
                    .handle(Work.Propose.class, new ProposeHandler());
        });
    }
}
