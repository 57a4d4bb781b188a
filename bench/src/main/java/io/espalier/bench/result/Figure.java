package io.espalier.bench.result;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * One number and what it is held against.
 *
 * @param name  what was measured, with its sizes
 * @param unit  {@code tokens/s}, {@code s}, {@code MiB}, {@code x}, …
 * @param better whether more or less is better
 * @param limit what it cannot exceed or shall reach, in the same unit; null where there is none
 * @param note  anything that the reader must know, null for nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Figure(String name, double value, String unit, Better better, Limit limit, String note) {
    /** Which way is better. */
    public enum Better {
        @JsonProperty("more")
        MORE, @JsonProperty("less")
        LESS
    }

    /** @param name what the limit is: {@code its GEMMs alone}, {@code cores}, {@code Python} */
    public record Limit(String name, double value) {}

    /** More is better. */
    public static Figure more(String name, double value, String unit) {
        return new Figure(name, value, unit, Better.MORE, null, null);
    }

    /** Less is better. */
    public static Figure less(String name, double value, String unit) {
        return new Figure(name, value, unit, Better.LESS, null, null);
    }

    public Figure of(String limitName, double limitValue) {
        return new Figure(name, value, unit, better, new Limit(limitName, limitValue), note);
    }

    public Figure noted(String text) {
        return new Figure(name, value, unit, better, limit, text);
    }

    /** Share of the limit that is reached: 1 is the limit, more is beyond it; null where there is none. */
    @JsonProperty(access = JsonProperty.Access.READ_ONLY)
    public Double share() {
        if (limit == null) {
            return null;
        }
        return better == Better.MORE ? value / limit.value() : limit.value() / value;
    }
}
