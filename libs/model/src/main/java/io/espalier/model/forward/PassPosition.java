package io.espalier.model.forward;

/**
 * A place between two blocks.
 *
 * @param backward whether the pass has turned round
 * @param layer    that comes next: forwards all before it are done, backwards all behind it
 * @param value    of the objective, summed over all sequences; 0 as long as the pass goes forwards
 */
record PassPosition(boolean backward, int layer, double value) {
    static final PassPosition START = forward(0);

    static PassPosition forward(int layer) {
        return new PassPosition(false, layer, 0);
    }

    static PassPosition backward(int layer, double value) {
        return new PassPosition(true, layer, value);
    }

    /** How many times a pass over {@code layers} layers has gone through all micro-batches when it stands here. */
    int passes(int layers) {
        return backward ? 2 * layers - layer : layer;
    }
}
