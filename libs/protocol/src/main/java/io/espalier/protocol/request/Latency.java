package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.Locale;

/**
 * Time that a forward pass may take: {@code {prefill: 0.7}}, {@code {decode: 20ms}}; {@code 0.7} and {@code 45ms} alone are
 * about prefill.
 *
 * @param relative whether the limit is a share of the original's time, 0 to 1; otherwise it is in milliseconds
 */
public record Latency(Phase phase, boolean relative, double limit) {
    private static final String UNIT = "ms";

    /** Which pass is timed. */
    public enum Phase {
        /** A prompt of 64 tokens at once. */
        PREFILL,
        /** One more token behind it. */
        DECODE;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** From any form that the schema allows. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Latency of(JsonNode json) {
        for (Phase phase : Phase.values()) {
            if (json.has(phase.label())) {
                return of(phase, json.get(phase.label()));
            }
        }
        return of(Phase.PREFILL, json);
    }

    private static Latency of(Phase phase, JsonNode time) {
        return time.isTextual()
                ? new Latency(phase, false, Double.parseDouble(time.textValue().replace(UNIT, "").strip()))
                : new Latency(phase, true, time.doubleValue());
    }

    /** The longest form, which says everything. */
    @JsonValue
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        return relative
                ? json.put(phase.label(), limit)
                : json.put(phase.label(), BigDecimal.valueOf(limit).stripTrailingZeros().toPlainString() + UNIT);
    }
}
