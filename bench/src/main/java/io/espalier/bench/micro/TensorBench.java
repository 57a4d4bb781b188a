package io.espalier.bench.micro;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.engine.Products;
import io.espalier.model.engine.Torch;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The engine through its Java interface: the matrix product at its best size, and what one call costs. */
@State(Scope.Thread)
public class TensorBench {
    /** Rows, columns and inner length of the product. */
    static final int SIZE = 1024;

    private NDManager manager;
    private NDArray a;
    private NDArray b;
    private NDArray small;

    @Setup
    public void open() {
        int threads = Integer.getInteger(MicroBenchmark.THREADS, 0);
        if (threads > 0) {
            Torch.setThreads(threads);
        }
        manager = Torch.newManager(Device.cpu());
        a = manager.randomUniform(-1, 1, new Shape(SIZE, SIZE));
        b = manager.randomUniform(-1, 1, new Shape(SIZE, SIZE));
        small = manager.ones(new Shape(4));
    }

    @TearDown
    public void close() {
        manager.close();
    }

    /** {@code a b^T}, fp32. */
    @Benchmark
    public void gemm() {
        Products.linear(a, b, null).close();
    }

    /** Four numbers plus four numbers: nearly all of it is the way there and back. */
    @Benchmark
    public void add() {
        small.add(small).close();
    }

    /** A scalar made and multiplied with, as loops under autograd must. */
    @Benchmark
    public void scale() {
        Torch.scale(small, 0.5).close();
    }
}
