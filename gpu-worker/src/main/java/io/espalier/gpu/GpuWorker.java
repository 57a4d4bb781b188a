package io.espalier.gpu;

import ai.djl.Device;
import io.espalier.gpu.export.ExportHandler;
import io.espalier.gpu.recover.RecoverHandler;
import io.espalier.gpu.slice.SliceHandler;
import io.espalier.model.engine.GpuMemory;
import io.espalier.model.engine.Torch;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.task.ResidentWeights;
import io.espalier.worker.task.Worker;
import io.espalier.worker.task.WorkerConfig;
import io.espalier.worker.task.WorkerMemory;
import io.espalier.worker.task.WorkerProcess;
import java.util.Map;

/** Serves SLICE, RECOVER and REPORT tasks. */
public final class GpuWorker {
    /** Activations between blocks that stay in memory on a CPU. */
    private static final long CPU_BOUNDARY_BYTES = 512L << 20;

    private GpuWorker() {}

    public static void main(String[] args) {
        WorkerProcess.run(WorkerKind.GPU, GpuWorker::setUp);
    }

    private static void setUp(Worker worker, WorkerConfig config) {
        Device device = Torch.device(config.device());
        if (config.threads() > 0) {
            Torch.setThreads(config.threads());
        }
        worker.describe(Torch.name(device), Torch.threads(), Torch.version(), Map.of())
                .handle(Work.Slice.class, new SliceHandler(device, memory(device)))
                .handle(Work.Recover.class, recover(device))
                .handle(Work.Export.class, new ExportHandler(device));
        if (device.isGpu()) {
            worker.metrics().deviceMemory(() -> GpuMemory.used(device), () -> GpuMemory.total(device));
        }
    }

    /** Of a task, in all. */
    private static long memory(Device device) {
        return device.isGpu() ? GpuMemory.total(device) : WorkerMemory.bytes(Settings.fromEnv(System.getenv()));
    }

    /** On a GPU half of its memory is for weights and an eighth for activations; the rest is for the work itself. */
    private static RecoverHandler recover(Device device) {
        if (device.isGpu()) {
            long total = GpuMemory.total(device);
            return new RecoverHandler(device, total / 2, total / 8);
        }
        return new RecoverHandler(device, ResidentWeights.bytes(Settings.fromEnv(System.getenv())),
                CPU_BOUNDARY_BYTES);
    }
}
