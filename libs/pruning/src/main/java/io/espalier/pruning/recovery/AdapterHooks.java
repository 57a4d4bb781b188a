package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockHooks;
import java.util.Map;

/** Adds the adapters of one layer to its linear layers. */
record AdapterHooks(Map<Role, Adapter> adapters, Dropout dropout, int step, int microBatch, int layer)
        implements
            BlockHooks {
    @Override
    public NDArray output(Role role, NDArray x, NDArray y) {
        Adapter adapter = adapters.get(role);
        return adapter == null ? y : y.add(adapter.apply(dropout.apply(x, step, microBatch, layer, role)));
    }
}
