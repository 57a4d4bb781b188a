package io.espalier.scoring;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.DType;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.RangeNeighbours;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import io.espalier.model.weights.TensorInfo;
import io.espalier.worker.task.HandedOn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Neighbouring ranges of layers that are tasks of their own, met through the artifact store (docs/decisions/0016). Everything
 * has a file of its own: fp32 in safetensors.
 *
 * <p>Looking costs a reading of the store, so the pauses between two looks grow with the time waited, which they make an eighth
 * longer at most. Waiting ends after {@link #PATIENCE}, or twice as long as the range has worked if that is more: then
 * doing the others' work too costs less than they have cost already.
 *
 * <p>A thread of its own writes, because the store forces everything to the disk and the range has better things to do.
 */
final class StoredNeighbours implements RangeNeighbours, AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int PATIENCE_PER_WORK = 2;
    private static final int MOST_UNWRITTEN = 4;
    private static final int WAITED_PER_PAUSE = 8;
    private static final long SHORTEST_PAUSE = Duration.ofMillis(2).toNanos();
    private static final long LONGEST_PAUSE = Duration.ofMillis(500).toNanos();
    private static final ValueLayout.OfFloat LITTLE_ENDIAN = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);

    /** Time that passes. */
    interface Clock {
        /** This machine's. */
        Clock SYSTEM = new Clock() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void pause(long nanos) throws InterruptedException {
                TimeUnit.NANOSECONDS.sleep(nanos);
            }
        };

        long nanoTime();

        void pause(long nanos) throws InterruptedException;
    }

    private final ExecutorService writer = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().name("hands-on").factory());
    private final Deque<Future<Void>> unwritten = new ArrayDeque<>();
    private final HandedOn handedOn;
    private final int microBatch;
    private final Path scratch;
    private final Clock clock;
    private final long startedAt;
    private int received;
    private int left;
    private long waited;
    private long waitingSince;
    private boolean waiting;

    /**
     * @param microBatch sequences in one: who cuts others does not meet
     * @param scratch    for files on their way
     */
    StoredNeighbours(HandedOn handedOn, int microBatch, Path scratch, Clock clock) {
        this.handedOn = handedOn;
        this.microBatch = microBatch;
        this.scratch = scratch;
        this.clock = clock;
        this.startedAt = clock.nanoTime();
    }

    /** How many things have come from the neighbours. */
    int received() {
        return received;
    }

    /** How many things were left for them. */
    int left() {
        return left;
    }

    Duration waited() {
        return Duration.ofNanos(waited);
    }

    @Override
    public void handOn(Crossing crossing, NDArray x) throws InterruptedException {
        byte[] content = MemorySegment.ofBuffer(x.toByteBuffer(true)).toArray(ValueLayout.JAVA_BYTE);
        long[] shape = x.getShape().getShape();
        unwritten.add(writer.submit(() -> write(name(crossing), shape, content)));
        awaitWritten(MOST_UNWRITTEN);
        left++;
    }

    private Void write(String name, long[] shape, byte[] content) throws IOException {
        String tensor = tensor(name);
        Path file = scratch.resolve("handed-on.safetensors");
        try (SafetensorsWriter target = SafetensorsWriter.create(file, List.of(new TensorHeader(tensor, DType.F32,
                shape)))) {
            target.append(tensor, MemorySegment.ofArray(content));
            target.commit();
        }
        handedOn.put(name, file);
        Files.delete(file);
        return null;
    }

    /** Everything that was handed on is in the store. */
    void awaitWritten() throws InterruptedException {
        awaitWritten(0);
    }

    /** @param most that may remain to be written */
    private void awaitWritten(int most) throws InterruptedException {
        while (unwritten.size() > most || !unwritten.isEmpty() && unwritten.peek().isDone()) {
            try {
                unwritten.remove().get();
            } catch (ExecutionException e) {
                throw new IllegalStateException("nothing can be handed on: " + e.getCause().getMessage(), e.getCause());
            }
        }
    }

    @Override
    public void close() {
        writer.shutdownNow();
    }

    @Override
    public Optional<NDArray> find(NDManager scope, Crossing crossing) {
        String name = name(crossing);
        try {
            Optional<Path> file = handedOn.find(name);
            if (file.isEmpty()) {
                return Optional.empty();
            }
            try (SafetensorsFile tensors = SafetensorsFile.open(file.get())) {
                TensorInfo info = tensors.tensor(tensor(name));
                NDArray found = Torch.ofFloats(scope, tensors.segment(info).toArray(LITTLE_ENDIAN), new Shape(info
                        .shape()));
                arrived();
                return Optional.of(found);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be read: " + e.getMessage(), e);
        }
    }

    private void arrived() {
        received++;
        waiting = false;
    }

    @Override
    public boolean await() throws InterruptedException {
        awaitWritten(MOST_UNWRITTEN);
        long now = clock.nanoTime();
        if (!waiting) {
            waiting = true;
            waitingSince = now;
        }
        long waitedNow = now - waitingSince;
        long worked = now - startedAt - waited;
        if (waitedNow > Math.max(PATIENCE.toNanos(), PATIENCE_PER_WORK * worked)) {
            return false;
        }
        clock.pause(Math.clamp(waitedNow / WAITED_PER_PAUSE, SHORTEST_PAUSE, LONGEST_PAUSE));
        waited += clock.nanoTime() - now;
        return true;
    }

    /** Takes away what only this range could need: it has its result. */
    void forget(int from, int to, int microBatches) throws IOException {
        for (int m = 0; m < microBatches; m++) {
            handedOn.forget(name(new Crossing(false, from, m)));
            handedOn.forget(name(new Crossing(true, to, m)));
        }
    }

    private String name(Crossing crossing) {
        return "%s.%d.%d.%d".formatted(crossing.backward() ? "gradient" : "activation", microBatch, crossing.layer(),
                crossing.microBatch());
    }

    /** The file says whose it is: files of other work that hold the same numbers are others. */
    private String tensor(String name) {
        return handedOn.work() + "/" + name;
    }
}
