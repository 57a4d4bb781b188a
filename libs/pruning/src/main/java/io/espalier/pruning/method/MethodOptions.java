package io.espalier.pruning.method;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The {@code method} object of a request: a method's name and its options, defaults filled in. */
public record MethodOptions(ObjectNode json) {
    public String name() {
        return text("name");
    }

    public String text(String option) {
        return required(option).textValue();
    }

    public int integer(String option) {
        return required(option).intValue();
    }

    public double number(String option) {
        return required(option).doubleValue();
    }

    public boolean flag(String option) {
        return required(option).booleanValue();
    }

    public boolean has(String option) {
        return json.hasNonNull(option);
    }

    public String text(String option, String otherwise) {
        return has(option) ? text(option) : otherwise;
    }

    public int integer(String option, int otherwise) {
        return has(option) ? integer(option) : otherwise;
    }

    public double number(String option, double otherwise) {
        return has(option) ? number(option) : otherwise;
    }

    public boolean flag(String option, boolean otherwise) {
        return has(option) ? flag(option) : otherwise;
    }

    /**
     * An option that names one of a few: {@code param_first} is {@code PARAM_FIRST}, {@code strided-legacy} is
     * {@code STRIDED_LEGACY}.
     */
    public <E extends Enum<E>> E choice(String option, E otherwise) {
        if (!has(option)) {
            return otherwise;
        }
        E[] choices = otherwise.getDeclaringClass().getEnumConstants();
        String wanted = text(option).toUpperCase(Locale.ROOT).replace('-', '_');
        return Arrays.stream(choices).filter(choice -> choice.name().equals(wanted)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("method." + option + ": '" + text(option)
                        + "' is none of " + Arrays.stream(choices)
                                .map(choice -> choice.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", "))));
    }

    private JsonNode required(String option) {
        JsonNode value = json.get(option);
        if (value == null || value.isNull()) {
            throw new IllegalArgumentException("method." + option + ": not given");
        }
        return value;
    }
}
