package io.espalier.model.engine;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** glibc's {@code malloc_trim}; does nothing where the C library has none. */
@SuppressWarnings("restricted") // native access is enabled for every process of ours
final class NativeMemory {
    private static final Optional<MethodHandle> TRIM = Linker.nativeLinker().defaultLookup().find("malloc_trim")
            .map(address -> Linker.nativeLinker().downcallHandle(address,
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));

    private NativeMemory() {}

    static void trim() {
        TRIM.ifPresent(handle -> {
            try {
                int ignored = (int) handle.invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException("malloc_trim", e);
            }
        });
    }
}
