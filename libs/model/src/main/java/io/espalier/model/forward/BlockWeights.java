package io.espalier.model.forward;

import ai.djl.ndarray.NDArray;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.Role;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * The weights of one layer by role, fp32, or with matrices in bf16 where the model was opened so; q, k, v, gate and up are
 * apart even where the checkpoint fuses them. Also the form of their gradients.
 *
 * @param arrays only roles that this model has
 */
public record BlockWeights(int layer, LayerShape shape, Map<Role, NDArray> arrays) {
    public BlockWeights {
        var copy = new EnumMap<Role, NDArray>(Role.class);
        copy.putAll(arrays);
        arrays = Collections.unmodifiableMap(copy);
    }

    /** A matrix is {@code [out, in]}. */
    public NDArray get(Role role) {
        NDArray array = arrays.get(role);
        if (array == null) {
            throw new IllegalArgumentException("layer " + layer + " has no " + role);
        }
        return array;
    }

    /** Null where this model has none. */
    public NDArray find(Role role) {
        return arrays.get(role);
    }

    public boolean has(Role role) {
        return arrays.containsKey(role);
    }

    /** Same layer, every array replaced. */
    public BlockWeights map(UnaryOperator<NDArray> change) {
        return map((_, array) -> change.apply(array));
    }

    /** Same layer, every array replaced, according to its role. */
    public BlockWeights map(BiFunction<Role, NDArray, NDArray> change) {
        var changed = new EnumMap<Role, NDArray>(Role.class);
        arrays.forEach((role, array) -> changed.put(role, change.apply(role, array)));
        return new BlockWeights(layer, shape, changed);
    }
}
