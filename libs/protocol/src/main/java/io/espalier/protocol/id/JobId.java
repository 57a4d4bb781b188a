package io.espalier.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Pattern;

/** Names one accepted request and everything that follows from it; lower-case letters, digits and dashes. */
public record JobId(@JsonValue String value) {
    private static final Pattern LEGAL = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

    @JsonCreator
    public JobId {
        if (value == null || !LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException("job id '" + value
                    + "' is not legal: use 1 to 63 lower-case letters, digits and dashes");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
