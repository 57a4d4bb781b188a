package io.espalier.model.weights;

import io.espalier.model.config.DType;

/** A tensor that is going to be written. */
public record TensorHeader(String name, DType dtype, long[] shape) {
    public TensorHeader {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    public long bytes() {
        long bytes = dtype.bytes();
        for (long n : shape) {
            bytes = Math.multiplyExact(bytes, n);
        }
        return bytes;
    }
}
