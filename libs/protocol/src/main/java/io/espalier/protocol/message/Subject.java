package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The three models that a report compares. */
public enum Subject {
    ORIGINAL, PRUNED, RECOVERED;

    /** As it stands in report.json. */
    @JsonValue
    public String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    @JsonCreator
    static Subject of(String label) {
        return valueOf(label.toUpperCase(java.util.Locale.ROOT));
    }
}
