package io.espalier.protocol.request;

import java.math.BigDecimal;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 5.4B} parameters, {@code 12GB}, {@code 10.5GiB}. */
final class Quantity {
    static final long MAX = 9_007_199_254_740_991L;

    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?(.*)");
    private static final Map<String, Long> COUNTS = Map.of("", 1L, "K", 1_000L, "M", 1_000_000L, "B", 1_000_000_000L,
            "T", 1_000_000_000_000L);
    private static final Map<String, Long> BYTES = Map.of("B", 1L, "KB", 1_000L, "MB", 1_000_000L, "GB",
            1_000_000_000L, "TB", 1_000_000_000_000L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30, "TiB",
            1L << 40);

    private Quantity() {}

    /** A number of things; empty where the text is none, or less than 1, or more than JSON numbers hold exactly. */
    static OptionalLong count(String text) {
        return parse(text, COUNTS);
    }

    /** A number of bytes. */
    static OptionalLong bytes(String text) {
        return parse(text, BYTES);
    }

    private static OptionalLong parse(String text, Map<String, Long> units) {
        Matcher m = FORM.matcher(text);
        if (!m.matches() || !units.containsKey(m.group(2))) {
            return OptionalLong.empty();
        }
        BigDecimal value = new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(units.get(m.group(2))));
        boolean fits = value.compareTo(BigDecimal.ONE) >= 0 && value.compareTo(BigDecimal.valueOf(MAX)) <= 0;
        return fits ? OptionalLong.of(value.longValue()) : OptionalLong.empty();
    }
}
