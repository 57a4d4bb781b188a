package io.espalier.model.forward;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import io.espalier.model.engine.Torch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Loads the layer that will be asked for next while the caller computes with the one it has: read from disk, converted,
 * moved to the device, on a thread of its own. Passes walk layer by layer, so the next is the neighbour in the direction
 * of the last step; behind the last layer, asked for again, a pass turns round. A wrong guess costs reading, never a
 * result.
 *
 * <p>At most one layer is ahead. It lives in a manager of its own until it is asked for, so memory holds one block more
 * than without. For one calling thread.
 */
final class ReadAhead implements AutoCloseable {
    /** Loads one layer into a manager; gives up with null once it is told that nobody wants it any more. */
    interface Loader {
        BlockWeights load(NDManager target, int layer, Ticket ticket);
    }

    /** Whether a layer on its way is still wanted. */
    static final class Ticket {
        private volatile boolean wanted = true;

        boolean wanted() {
            return wanted;
        }
    }

    private record Coming(int layer, Ticket ticket, Future<Loaded> loaded) {}

    private record Loaded(NDManager manager, BlockWeights weights) {
        void close() {
            manager.close();
        }
    }

    private final Device device;
    private final int layers;
    private final Loader loader;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("espalier-read-ahead").factory());
    private Coming coming;
    private int last = -1;

    ReadAhead(Device device, int layers, Loader loader) {
        this.device = device;
        this.layers = layers;
        this.loader = loader;
    }

    /** The weights of a layer, in {@code scope}; the next one sets out. */
    BlockWeights block(NDManager scope, int layer) {
        BlockWeights weights = arrived(scope, layer);
        if (weights == null) {
            weights = loader.load(scope, layer, new Ticket());
        }
        int next = after(layer);
        last = layer;
        if (next >= 0 && next < layers) {
            Ticket ticket = new Ticket();
            coming = new Coming(next, ticket, thread.submit(() -> load(next, ticket)));
        }
        return weights;
    }

    /** Whether a layer is here or on its way. */
    boolean isComing(int layer) {
        return coming != null && coming.layer() == layer;
    }

    /** Waits for the thread: what it reads must not be closed before. */
    @Override
    public void close() {
        drop();
        thread.close();
    }

    private int after(int layer) {
        boolean up = layer > last || layer == 0;
        return up ? layer + 1 : layer - 1;
    }

    private BlockWeights arrived(NDManager scope, int layer) {
        if (!isComing(layer)) {
            drop();
            return null;
        }
        Loaded loaded = await();
        if (loaded == null) {
            return null;
        }
        loaded.weights().arrays().values().forEach(array -> array.attach(scope));
        loaded.close();
        return loaded.weights();
    }

    private void drop() {
        if (coming != null) {
            coming.ticket().wanted = false;
            Loaded unwanted = await();
            if (unwanted != null) {
                unwanted.close();
            }
        }
    }

    /**
     * What has come; null where it could not be loaded: the caller then loads it itself and meets the error where it can be
     * handled. An interruption is kept for the caller's next check, since one layer does not take long.
     */
    private Loaded await() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return coming.loaded().get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    return null;
                }
            }
        } finally {
            coming = null;
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Loaded load(int layer, Ticket ticket) {
        NDManager manager = Torch.newManager(device);
        BlockWeights weights = null;
        try {
            weights = loader.load(manager, layer, ticket);
        } finally {
            if (weights == null) {
                manager.close();
            }
        }
        return weights == null ? null : new Loaded(manager, weights);
    }
}
