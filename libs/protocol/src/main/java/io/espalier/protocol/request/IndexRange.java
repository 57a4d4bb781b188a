package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An inclusive, 0-based range, written {@code 4..29}. */
public record IndexRange(int first, int last) {
    private static final Pattern FORM = Pattern.compile("(\\d+)\\.\\.(\\d+)");

    public IndexRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException(
                    "range " + first + ".." + last + " is empty: write first..last, 0-based");
        }
    }

    @JsonCreator
    public static IndexRange parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("'" + text + "' is not a range: write first..last, for example 4..29");
        }
        return new IndexRange(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2)));
    }

    public boolean contains(int index) {
        return first <= index && index <= last;
    }

    @JsonValue
    @Override
    public String toString() {
        return first + ".." + last;
    }
}
