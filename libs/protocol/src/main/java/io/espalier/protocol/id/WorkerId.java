package io.espalier.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Names one running worker process, for example {@code gpu-4711-k3f9}. */
public record WorkerId(@JsonValue String value) {
    @JsonCreator
    public WorkerId {
        if (value == null || value.isBlank()) {
            throw new IllegalArgumentException("a worker id cannot be blank");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
