package io.espalier.model.engine;

import ai.djl.Device;
import ai.djl.util.cuda.CudaUtils;

/** Memory of a GPU, in bytes, as the CUDA runtime sees it: of all processes, cached blocks included. */
public final class GpuMemory {
    private GpuMemory() {}

    public static long used(Device gpu) {
        return CudaUtils.getGpuMemory(gpu).getCommitted();
    }

    public static long total(Device gpu) {
        return CudaUtils.getGpuMemory(gpu).getMax();
    }
}
