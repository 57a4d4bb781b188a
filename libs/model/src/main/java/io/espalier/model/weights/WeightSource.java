package io.espalier.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Bfloat16;

/** Where a model's weights come from, tensor by tensor as its config lists them; nothing is in memory before it is asked for. */
public interface WeightSource extends AutoCloseable {
    ModelConfig config();

    /** One role of a layer as fp32. */
    NDArray load(NDManager manager, TensorSpec tensor, Role role);

    /** One role of a layer as bf16, rounded where it is stored otherwise; {@link Bfloat16} says what such arrays are good for. */
    default NDArray loadBfloat16(NDManager manager, TensorSpec tensor, Role role) {
        try (NDArray wide = load(manager, tensor, role)) {
            return Bfloat16.round(wide);
        }
    }

    /** Some rows of a tensor as fp32. */
    NDArray load(NDManager manager, TensorSpec tensor, long firstRow, long rows);

    /** One row of a matrix as fp32 into {@code target} from {@code at} on. */
    void readRow(TensorSpec tensor, long row, float[] target, int at);

    /** Reads the pages of a tensor whose loaded arrays live in them; others are read when loaded. */
    default void preload(TensorSpec tensor) {}

    /** Drops the pages of a tensor from this process; they are read again when needed. */
    void unload(TensorSpec tensor);

    @Override
    void close();
}
