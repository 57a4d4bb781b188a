package io.espalier.model.weights;

import io.espalier.model.config.DType;
import java.util.Arrays;

/**
 * A tensor as a safetensors header describes it.
 *
 * @param shape  empty for a scalar
 * @param offset of the first byte, from the start of the file
 * @param bytes  length
 */
public record TensorInfo(String name, DType dtype, long[] shape, long offset, long bytes) {
    public TensorInfo {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    public long elements() {
        return bytes / dtype.bytes();
    }

    /** Elements of one entry along the first axis. */
    public long rowElements() {
        return shape.length == 0 ? 1 : shape[0] == 0 ? 0 : elements() / shape[0];
    }

    @Override
    public String toString() {
        return name + " " + dtype + Arrays.toString(shape);
    }
}
