package io.espalier.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Bytes that this process holds, for tests that do something many times: what grows with the repetitions leaks.
 *
 * @param heap     what is left after a collection
 * @param direct   buffers outside of the heap that Java counts
 * @param resident all of it, native memory too, as Linux counts it; 0 elsewhere
 */
public record Footprint(long heap, long direct, long resident) {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final int COLLECTIONS = 10;
    private static final double MEBIBYTE = 1 << 20;

    /** Collects until nothing more goes. */
    public static Footprint now() {
        long heap = collect();
        for (int i = 0; i < COLLECTIONS; i++) {
            long less = collect();
            if (less >= heap) {
                break;
            }
            heap = less;
        }
        long direct = ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream().filter(pool -> pool
                .getName().equals("direct")).mapToLong(BufferPoolMXBean::getMemoryUsed).sum();
        return new Footprint(heap, direct, residentBytes());
    }

    /** What has come since then. */
    public Footprint since(Footprint earlier) {
        return new Footprint(heap - earlier.heap, direct - earlier.direct, resident - earlier.resident);
    }

    private static long collect() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static long residentBytes() {
        if (!Files.isReadable(STATUS)) {
            return 0;
        }
        try {
            List<String> lines = Files.readAllLines(STATUS);
            return lines.stream().filter(line -> line.startsWith(RESIDENT)).mapToLong(line -> Long.parseLong(line
                    .replaceAll("\\D", "")) << 10).findFirst().orElse(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "heap %.1f MiB, direct buffers %.1f MiB, resident %.1f MiB", heap / MEBIBYTE,
                direct / MEBIBYTE, resident / MEBIBYTE);
    }
}
