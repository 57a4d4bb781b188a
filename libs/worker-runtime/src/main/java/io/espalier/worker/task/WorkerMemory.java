package io.espalier.worker.task;

import com.sun.management.OperatingSystemMXBean;
import io.espalier.platform.config.Settings;
import java.lang.management.ManagementFactory;

/**
 * How much memory tasks of a worker may take in all, the process included; plans are made to fit. Setting
 * {@code memory.mebibytes}, by default half of the memory of the machine or container.
 */
public final class WorkerMemory {
    private static final String KEY = "memory.mebibytes";
    private static final int MEBIBYTE_BITS = 20;

    private WorkerMemory() {}

    public static long bytes(Settings settings) {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        int half = (int) Math.min(Integer.MAX_VALUE, system.getTotalMemorySize() / 2 >> MEBIBYTE_BITS);
        return (long) settings.integer(KEY, half, 1, Integer.MAX_VALUE) << MEBIBYTE_BITS;
    }
}
