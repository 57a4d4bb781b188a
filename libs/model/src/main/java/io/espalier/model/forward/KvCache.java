package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;

/** Keys and values of all earlier tokens, per layer: [B, Hkv, S, Dh]. */
final class KvCache implements AutoCloseable {
    private final NDManager manager;
    private final Map<Integer, NDArray> keys = new HashMap<>();
    private final Map<Integer, NDArray> values = new HashMap<>();

    KvCache(NDManager parent) {
        this.manager = parent.newSubManager();
    }

    NDArray addKeys(int layer, NDArray k) {
        return add(keys, layer, k);
    }

    NDArray addValues(int layer, NDArray v) {
        return add(values, layer, v);
    }

    private NDArray add(Map<Integer, NDArray> store, int layer, NDArray added) {
        NDArray before = store.get(layer);
        NDArray all = before == null ? added.duplicate() : before.concat(added, 2);
        all.attach(manager);
        store.put(layer, all);
        if (before != null) {
            before.close();
        }
        NDArray view = all.stopGradient(); // so that what is computed from it belongs to the caller
        view.attach(added.getManager());
        return view;
    }

    @Override
    public void close() {
        manager.close();
    }
}
