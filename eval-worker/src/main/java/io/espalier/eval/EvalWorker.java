package io.espalier.eval;

import ai.djl.Device;
import io.espalier.evaluation.cost.MemoryGauge;
import io.espalier.model.engine.Torch;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.task.ResidentWeights;
import io.espalier.worker.task.Worker;
import io.espalier.worker.task.WorkerConfig;
import io.espalier.worker.task.WorkerProcess;
import java.util.Map;

/** Serves EVALUATE tasks (perplexity, tasks of the harness, fidelity, cost), TIME, and the measurements of SEARCH. */
public final class EvalWorker {
    private EvalWorker() {}

    public static void main(String[] args) {
        WorkerProcess.run(WorkerKind.EVAL, EvalWorker::setUp);
    }

    private static void setUp(Worker worker, WorkerConfig config) {
        Device device = Torch.device(config.device());
        if (config.threads() > 0) {
            Torch.setThreads(config.threads());
        }
        var models = new Models(device, ResidentWeights.bytes(Settings.fromEnv(System.getenv())));
        MemoryGauge gauge = MemoryGauges.of(device);
        worker.describe(Torch.name(device), Torch.threads(), Torch.version(), Map.of())
                .handle(Work.Perplexity.class, new Explained<>(new PerplexityHandler(models)))
                .handle(Work.ZeroShot.class, new Explained<>(new ZeroShotHandler(models)))
                .handle(Work.Fidelity.class, new Explained<>(new FidelityHandler(models)))
                .handle(Work.Measure.class, new Explained<>(new MeasureHandler(models)))
                .handle(Work.Cost.class, new Explained<>(new CostHandler(models, gauge)))
                .handle(Work.Time.class, new Explained<>(new TimeHandler(models, gauge)));
    }
}
