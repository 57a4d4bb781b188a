package io.espalier.eval;

import ai.djl.Device;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import io.espalier.evaluation.cost.MemoryGauge;
import io.espalier.model.engine.Torch;
import io.espalier.worker.metrics.ProcessMemory;

/** Memory of the process on the CPU, of the device on a GPU. */
final class MemoryGauges {
    private MemoryGauges() {}

    static MemoryGauge of(Device device) {
        return device.isGpu() ? new DeviceGauge(device) : new ProcessGauge();
    }

    /** Resident set; what was freed before is given back first, so that it is not used again unseen. */
    private static final class ProcessGauge implements MemoryGauge {
        private long before;

        @Override
        public void start() {
            System.gc();
            Torch.trim();
            before = ProcessMemory.resident();
            ProcessMemory.resetPeak();
        }

        @Override
        public long peakBytes() {
            return Math.max(0, ProcessMemory.peak() - before);
        }
    }

    /** The engine's allocator keeps what it once took from the device, so that what it holds at the end is the peak. */
    private static final class DeviceGauge implements MemoryGauge {
        private final Device device;
        private long before;

        DeviceGauge(Device device) {
            this.device = device;
        }

        @Override
        public void start() {
            JniUtils.emptyCudaCache();
            before = used();
        }

        @Override
        public long peakBytes() {
            return Math.max(0, used() - before);
        }

        private long used() {
            return CudaUtils.getGpuMemory(device).getUsed();
        }
    }
}
