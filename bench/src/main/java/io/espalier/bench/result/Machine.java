package io.espalier.bench.result;

import com.sun.management.OperatingSystemMXBean;
import io.espalier.model.engine.Torch;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the figures come from.
 *
 * @param load average run queue over the last minute when the run began: above the threads used, others were at work
 */
public record Machine(String processor, int cores, long memoryBytes, String system, String java, String engine,
        double load) {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");

    public static Machine current() {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Machine(processorName(), Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"), Runtime.version().toString(),
                Torch.version(), system.getSystemLoadAverage());
    }

    private static String processorName() {
        try {
            return Files.readAllLines(PROCESSORS).stream().filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown");
        } catch (IOException e) {
            return "unknown"; // no /proc
        }
    }
}
