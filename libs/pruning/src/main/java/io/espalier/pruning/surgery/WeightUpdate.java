package io.espalier.pruning.surgery;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.Role;
import io.espalier.pruning.plan.LayerPlan;
import java.util.Map;

/** New values for some weights of the blocks that stay; asked block by block in ascending order, then closed. */
public interface WeightUpdate extends AutoCloseable {
    /** Every weight stays what it was. */
    WeightUpdate NONE = _ -> Map.of();

    /** Weights to write instead of the cut ones: fp32, in the widths of the plan; valid until the next call. */
    Map<Role, NDArray> of(LayerPlan layer) throws InterruptedException;

    @Override
    default void close() {}
}
