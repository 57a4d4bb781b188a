package io.espalier.model.forward;

/**
 * A range of consecutive layers in a pass that others share.
 *
 * @param from       its first layer
 * @param to         one behind its last layer
 * @param inFlight   micro-batches that may wait for their gradients
 * @param graphBytes that autograd's graphs of them may take; where there is no room, the way forward is gone twice
 * @param neighbours the ranges before and behind it
 */
public record PipelineRange(int from, int to, int inFlight, long graphBytes, RangeNeighbours neighbours) {
    public PipelineRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException("no layers: " + from + ".." + to);
        }
        if (inFlight < 1) {
            throw new IllegalArgumentException("no micro-batch in flight: " + inFlight);
        }
    }
}
