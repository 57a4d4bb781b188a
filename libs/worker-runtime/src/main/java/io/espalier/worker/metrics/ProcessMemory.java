package io.espalier.worker.metrics;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Memory of this process in bytes, as Linux counts it; 0 where there is no {@code /proc}. */
public final class ProcessMemory {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR_REFS = Path.of("/proc/self/clear_refs");
    private static final Pattern LINE = Pattern.compile("(?m)^(\\w+):\\s+(\\d+) kB$");

    private ProcessMemory() {}

    /** Resident set size. */
    public static long resident() {
        return read("VmRSS");
    }

    /** Resident memory that no file stands behind: heap, stacks, tensors. */
    public static long anonymous() {
        return read("RssAnon");
    }

    /** Greatest resident set size since the start of the process or the last {@link #resetPeak}. */
    public static long peak() {
        return read("VmHWM");
    }

    /** Forgets the peak so far, where the system allows it: see {@code clear_refs} in proc(5), value 5. */
    public static void resetPeak() {
        try {
            Files.writeString(CLEAR_REFS, "5");
        } catch (IOException e) {
            // not allowed here: the peak stays that of the whole process, an upper bound
        }
    }

    /** What is resident outside the heap: code, stacks, and above all tensors. */
    static long outsideHeap() {
        return Math.max(0, resident() - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }

    private static long read(String name) {
        try {
            Matcher line = LINE.matcher(Files.readString(STATUS, StandardCharsets.UTF_8));
            while (line.find()) {
                if (line.group(1).equals(name)) {
                    return Long.parseLong(line.group(2)) * 1024;
                }
            }
        } catch (IOException e) {
            // no /proc
        }
        return 0;
    }
}
