package io.espalier.model.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import java.util.function.Supplier;

/**
 * The PyTorch engine, started offline. Its habits are dealt with here: every new Java thread starts with autograd on
 * ({@link #newManager} turns it off), the only public gradient collector is a singleton of the process that seeds with ones
 * ({@link #backward} takes an upstream gradient instead), scalars die before the graph that keeps them ({@link #scale}),
 * waiting OpenMP threads spin unless told otherwise, and freed native memory stays with the allocator ({@link #trim}).
 */
public final class Torch {
    private static final String ENGINE = "PyTorch";

    private Torch() {}

    /**
     * A root manager for the calling thread, whose autograd is off from here on. Close it when the task ends.
     *
     * @throws IllegalStateException on a virtual thread: autograd's switch belongs to the thread beneath it
     */
    public static NDManager newManager(Device device) {
        if (Thread.currentThread().isVirtual()) {
            throw new IllegalStateException("tensors need a platform thread");
        }
        NDManager manager = engine().newBaseManager(device);
        JniUtils.setGradMode(false);
        return manager;
    }

    /** A root manager that is never closed, for what is made once per process; autograd of the thread stays as it is. */
    static NDManager processManager() {
        return engine().newBaseManager(Device.cpu());
    }

    /**
     * The device of a setting.
     *
     * @param setting {@code auto} (the first GPU, otherwise the CPU), {@code cpu} or {@code cuda:N}
     */
    public static Device device(String setting) {
        if (setting.equals("auto")) {
            return engine().getGpuCount() > 0 ? Device.gpu(0) : Device.cpu();
        }
        if (setting.equals("cpu")) {
            return Device.cpu();
        }
        if (!setting.matches("cuda:\\d+")) {
            throw new IllegalArgumentException("device '" + setting + "': must be auto, cpu or cuda:N");
        }
        int index = Integer.parseInt(setting.substring("cuda:".length()));
        if (index >= engine().getGpuCount()) {
            throw new IllegalArgumentException("device '" + setting + "': this machine has " + engine().getGpuCount()
                    + " usable GPUs; use auto or cpu");
        }
        return Device.gpu(index);
    }

    /** Threads of one operation, for the whole process. */
    public static void setThreads(int threads) {
        engine();
        JniUtils.setNumThreads(threads);
    }

    /** Threads of one operation. */
    public static int threads() {
        engine();
        return JniUtils.getNumThreads();
    }

    /** A device as settings and reports spell it: {@code cpu} or {@code cuda:N}. */
    public static String name(Device device) {
        return device.isGpu() ? "cuda:" + device.getDeviceId() : "cpu";
    }

    /** Name and version, for reports. */
    public static String version() {
        return "PyTorch " + engine().getVersion();
    }

    /**
     * A tensor whose memory belongs to PyTorch. (An array that DJL creates from a Java buffer borrows the buffer's memory:
     * an alias of it, such as {@code stopGradient()}, must not outlive the first Java object.)
     */
    public static NDArray ofFloats(NDManager manager, float[] values, Shape shape) {
        if (manager.getDevice().isGpu()) {
            return manager.create(values, shape);
        }
        NDArray array = manager.create(shape, DataType.FLOAT32);
        array.toByteBuffer(true).asFloatBuffer().put(values);
        return array;
    }

    /**
     * {@code x * factor}, to be used wherever autograd may be on. (DJL's own {@code mul(Number)} makes a scalar in the
     * memory of a Java buffer; the graph keeps the scalar for the backward pass, Java frees the buffer before.)
     */
    public static NDArray scale(NDArray x, double factor) {
        try (NDArray scalar = ofFloats(x.getManager(), new float[]{(float) factor}, new Shape())) {
            return x.mul(scalar);
        }
    }

    /** Runs with autograd on, on this thread only. */
    public static <T> T withGradients(Supplier<T> work) {
        boolean before = JniUtils.isGradMode();
        JniUtils.setGradMode(true);
        try {
            return work.get();
        } finally {
            JniUtils.setGradMode(before);
        }
    }

    /** Adds to the gradient of every leaf below {@code output}; the graph is freed. */
    public static void backward(NDArray output, NDArray upstream) {
        JniUtils.backward((PtNDArray) output, (PtNDArray) upstream, false, false);
    }

    /** Gives freed native memory back to the operating system; cheap, to be called between tasks and blocks. */
    public static void trim() {
        CLibrary.trim();
    }

    private static Engine engine() {
        return Started.ENGINE;
    }

    /** Starts the engine once, on first use. */
    private static final class Started {
        private static final Engine ENGINE = start();

        private static Engine start() {
            System.setProperty("ai.djl.offline", "true");
            CLibrary.setEnvironmentDefault("OMP_WAIT_POLICY", "passive"); // read when OpenMP is loaded
            return Engine.getEngine(Torch.ENGINE);
        }
    }
}
