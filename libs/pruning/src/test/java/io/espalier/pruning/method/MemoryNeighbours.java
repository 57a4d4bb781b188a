package io.espalier.pruning.method;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.RangeNeighbours;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What ranges in threads of one process leave for each other. Waiting lasts until something is left or all is called off. */
final class MemoryNeighbours implements RangeNeighbours {
    private record Left(float[] values, Shape shape) {}

    private final Map<Crossing, Left> left = new HashMap<>();
    private final ThreadLocal<Long> seen = ThreadLocal.withInitial(() -> -1L);
    private long changes;
    private long found;
    private boolean waitsForNobody;

    /** Whoever waits from now on has waited in vain. */
    synchronized MemoryNeighbours waitingForNobody() {
        waitsForNobody = true;
        notifyAll();
        return this;
    }

    synchronized int left() {
        return left.size();
    }

    /** How many times something was there. */
    synchronized long found() {
        return found;
    }

    @Override
    public synchronized void handOn(Crossing crossing, NDArray x) {
        Left before = left.put(crossing, new Left(x.toFloatArray(), x.getShape()));
        if (before != null && !Arrays.equals(before.values(), left.get(crossing).values())) {
            throw new IllegalStateException(crossing + " was handed on before, with other numbers");
        }
        changes++;
        notifyAll();
    }

    @Override
    public synchronized Optional<NDArray> find(NDManager scope, Crossing crossing) {
        Left there = left.get(crossing);
        if (there == null) {
            return Optional.empty();
        }
        found++;
        return Optional.of(Torch.ofFloats(scope, there.values(), there.shape()));
    }

    @Override
    public synchronized boolean await() throws InterruptedException {
        while (!waitsForNobody && seen.get() == changes) {
            wait();
        }
        seen.set(changes);
        return !waitsForNobody;
    }
}
