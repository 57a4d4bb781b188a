package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Optional;

/**
 * Where the ranges of a model's layers leave for each other what crosses the border between them. Nobody need be there:
 * {@link #await} says when waiting is no longer worth it.
 */
public interface RangeNeighbours {
    /**
     * One thing that crosses a border.
     *
     * @param backward   false: the input of a layer; true: the gradient with respect to it
     * @param layer      the first one behind the border
     * @param microBatch index among all of the pass
     */
    record Crossing(boolean backward, int layer, int microBatch) {}

    /** Leaves it for the range on the other side, for as long as that one may need it. */
    void handOn(Crossing crossing, NDArray x) throws InterruptedException;

    /**
     * What the range on the other side has left, [B, T, d].
     *
     * @param scope of the result, which belongs to the caller
     * @return empty if it is not there yet
     */
    Optional<NDArray> find(NDManager scope, Crossing crossing);

    /**
     * Lets a little time pass, because nothing can be done before something arrives.
     *
     * @return false if nothing has arrived for so long that the range shall do without its neighbours
     */
    boolean await() throws InterruptedException;
}
