package io.espalier.gpu.recover;

import com.fasterxml.jackson.databind.node.ArrayNode;
import io.espalier.pruning.recovery.LossPoint;
import java.util.List;

/** Losses as rows {@code [step, train, validation]}, thinned so that they fit into an event. */
final class LossCurve {
    private static final int MOST_ROWS = 200;

    private LossCurve() {}

    /** All validated steps, and of the others as many as there is room for, evenly spread. */
    static void write(List<LossPoint> losses, ArrayNode rows) {
        int every = Math.ceilDiv(losses.size(), MOST_ROWS);
        for (LossPoint point : losses) {
            if (point.validation() != null || point.step() % every == 0) {
                rows.addArray().add(point.step()).add(point.train()).add(point.validation());
            }
        }
    }
}
