package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonValue;

/** The three kinds of worker process. */
public enum WorkerKind {
    SCORING("scoring"), GPU("gpu"), EVAL("eval");

    private final String label;

    WorkerKind(String label) {
        this.label = label;
    }

    /** As it stands in topic names, metric labels and JSON. */
    @JsonValue
    public String label() {
        return label;
    }
}
