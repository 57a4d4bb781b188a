package io.espalier.model.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Two functions of the C library; each does nothing where the library lacks it. */
@SuppressWarnings("restricted") // native access is enabled for every process of ours
final class CLibrary {
    private static final Optional<MethodHandle> MALLOC_TRIM = find("malloc_trim", ValueLayout.JAVA_LONG);
    private static final Optional<MethodHandle> SETENV = find("setenv", ValueLayout.ADDRESS, ValueLayout.ADDRESS,
            ValueLayout.JAVA_INT);

    private CLibrary() {}

    /** Gives free pages of the allocator back to the operating system. */
    static void trim() {
        MALLOC_TRIM.ifPresent(function -> {
            try {
                int ignored = (int) function.invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim", e);
            }
        });
    }

    /** Sets an environment variable for native code of this process, unless the user has set it. */
    static void setEnvironmentDefault(String name, String value) {
        SETENV.ifPresent(function -> {
            try (Arena arena = Arena.ofConfined()) {
                int ignored = (int) function.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 0);
            } catch (Throwable e) {
                throw new IllegalStateException("setenv", e);
            }
        });
    }

    private static Optional<MethodHandle> find(String name, MemoryLayout... arguments) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup().find(name)
                .map(address -> linker.downcallHandle(address,
                        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments)));
    }
}
