package io.espalier.worker.task;

import com.sun.management.OperatingSystemMXBean;
import io.espalier.platform.config.Settings;
import java.lang.management.ManagementFactory;

/**
 * How large a model's weights may be to stay in a worker's memory; larger models are streamed block by block. Setting
 * {@code resident.mebibytes}, by default a quarter of the memory of the machine or container.
 */
public final class ResidentWeights {
    private static final String KEY = "resident.mebibytes";
    private static final int MEBIBYTE_BITS = 20;

    private ResidentWeights() {}

    public static long bytes(Settings settings) {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        int quarter = (int) Math.min(Integer.MAX_VALUE, system.getTotalMemorySize() / 4 >> MEBIBYTE_BITS);
        return (long) settings.integer(KEY, quarter, 0, Integer.MAX_VALUE) << MEBIBYTE_BITS;
    }
}
