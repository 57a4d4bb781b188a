package io.espalier.pruning.recovery;

import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.ForwardVisitor;
import io.espalier.model.forward.GradientVisitor;
import java.io.IOException;
import java.io.UncheckedIOException;

/** One pass over all blocks, forward or back, with adapters in every linear layer; the base weights get no gradient. */
final class AdaptedPass implements ForwardVisitor, GradientVisitor {
    private final Adapters adapters;
    private final Dropout dropout;
    private final int step;
    private final Beat beat;

    AdaptedPass(Adapters adapters, Dropout dropout, int step, Beat beat) {
        this.adapters = adapters;
        this.dropout = dropout;
        this.step = step;
        this.beat = beat;
    }

    /** Carries an {@link InterruptedException} through the pass. */
    static final class InterruptedPass extends RuntimeException {
        private final transient InterruptedException interruption;

        InterruptedPass(InterruptedException interruption) {
            super(interruption);
            this.interruption = interruption;
        }

        InterruptedException interruption() {
            return interruption;
        }
    }

    @Override
    public boolean wants(int layer) {
        return false;
    }

    @Override
    public boolean reaches(int layer) {
        return true;
    }

    @Override
    public boolean hooksAdd() {
        return true;
    }

    @Override
    public BlockHooks hooks(int layer, int microBatch) {
        return new AdapterHooks(adapters.layer(layer), dropout, step, microBatch, layer);
    }

    @Override
    public void layerDone(int layer) {
        // nothing to do: gradients stay with the adapters
    }

    @Override
    public void checkpoint() {
        try {
            beat.run();
        } catch (InterruptedException e) {
            throw new InterruptedPass(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
