package io.espalier.model.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * What DJL does not offer and a script cannot say: a function of libtorch's stable C interface
 * ({@code torch/csrc/inductor/aoti_torch/c/shim.h}).
 */
@SuppressWarnings("restricted") // native access is enabled for every process of ours
final class TorchLibrary {
    private static final String CREATE_TENSOR = "aoti_torch_create_tensor_from_blob";
    private static final int BFLOAT16 = 15;
    private static final int CPU = 0;

    private TorchLibrary() {}

    /** Loaded when first asked for: by then the engine has loaded the library. */
    private static final class CreateTensor {
        /** Status of (data, dimensions, sizes, strides, offset, type, kind of device, device, result). */
        private static final FunctionDescriptor SIGNATURE = FunctionDescriptor.of(ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS);
        private static final MethodHandle HANDLE = Linker.nativeLinker().downcallHandle(
                SymbolLookup.loaderLookup().findOrThrow(CREATE_TENSOR), SIGNATURE);
    }

    /** A tensor whose numbers are the given memory. */
    static NDArray bfloat16(NDManager manager, MemorySegment numbers, long[] shape) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment result = arena.allocate(ValueLayout.ADDRESS);
            int status = (int) CreateTensor.HANDLE.invokeExact(numbers, (long) shape.length,
                    arena.allocateFrom(ValueLayout.JAVA_LONG, shape),
                    arena.allocateFrom(ValueLayout.JAVA_LONG, strides(shape)), 0L, BFLOAT16, CPU, 0, result);
            if (status != 0) {
                throw new IllegalStateException(
                        CREATE_TENSOR + " refused a tensor of shape " + Arrays.toString(shape) + ": " + status);
            }
            return new PtNDArray((PtNDManager) manager, result.get(ValueLayout.ADDRESS, 0).address());
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(CREATE_TENSOR, e);
        }
    }

    private static long[] strides(long[] shape) {
        var strides = new long[shape.length];
        long stride = 1;
        for (int axis = shape.length - 1; axis >= 0; axis--) {
            strides[axis] = stride;
            stride *= shape[axis];
        }
        return strides;
    }
}
