package io.espalier.model.weights;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * What the operating system keeps of files in memory. A model that is much larger than memory is read from its first block
 * to its last, and again: cached, it would push everything else out and still be gone when it is read the next time. Such
 * a model's pages are given back after use.
 *
 * <p>On Linux, by {@code posix_fadvise(2)}; elsewhere nothing happens.
 */
@SuppressWarnings("restricted") // native access is enabled for every process of ours
final class PageCache {
    private static final int READ_ONLY = 0;
    private static final int DONT_NEED = 4;
    /** Where the constant has this value and offsets have 64 bits. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64", "riscv64", "ppc64le");

    private static final Optional<MethodHandle> OPEN = find("open", Linker.Option.firstVariadicArg(2),
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    private static final Optional<MethodHandle> ADVISE = find("posix_fadvise", null,
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));
    private static final Optional<MethodHandle> CLOSE = find("close", null,
            FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private PageCache() {}

    /** Whether files of that size would take more than half of the memory of this machine or container. */
    static boolean isCrowdedBy(long bytes) {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return bytes > system.getTotalMemorySize() / 2;
    }

    /** Gives whole pages in this range back; those that a process maps or that are not written yet stay. Only advice. */
    static void drop(Path file, long offset, long bytes) {
        if (OPEN.isEmpty() || ADVISE.isEmpty() || CLOSE.isEmpty()) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment path = arena.allocateFrom(file.toString());
            int descriptor = (int) OPEN.get().invokeExact(path, READ_ONLY);
            if (descriptor >= 0) {
                int ignored = (int) ADVISE.get().invokeExact(descriptor, offset, bytes, DONT_NEED);
                ignored = (int) CLOSE.get().invokeExact(descriptor);
            }
        } catch (Throwable e) {
            throw new IllegalStateException("posix_fadvise", e);
        }
    }

    private static Optional<MethodHandle> find(String name, Linker.Option option, FunctionDescriptor type) {
        if (!System.getProperty("os.name").equals("Linux") || !ARCHITECTURES.contains(System.getProperty("os.arch"))) {
            return Optional.empty();
        }
        Linker linker = Linker.nativeLinker();
        Linker.Option[] options = option == null ? new Linker.Option[0] : new Linker.Option[]{option};
        return linker.defaultLookup().find(name).map(address -> linker.downcallHandle(address, type, options));
    }
}
