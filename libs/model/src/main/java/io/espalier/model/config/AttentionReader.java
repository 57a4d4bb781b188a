package io.espalier.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Reads windows, scale and cap of attention, as a family has them. */
final class AttentionReader {
    private static final int QWEN_WINDOW_LAYERS = 28;

    private final ConfigFile config;
    private final Family.AttentionStyle style;

    AttentionReader(ConfigFile config, Family.AttentionStyle style) {
        this.config = config;
        this.style = style;
    }

    AttentionConfig read(int layers, int headDim) {
        Double divisor = number(config, style.scale());
        return new AttentionConfig(1 / Math.sqrt(divisor == null ? headDim : divisor), number(config, style.cap()),
                windows(layers));
    }

    /** Null where the family or the config has none. */
    static Double number(ConfigFile config, Family.NumberKey number) {
        if (number == null) {
            return null;
        }
        if (config.has(number.key())) {
            return config.positiveNumber(number.key());
        }
        return config.json().has(number.key()) ? null : number.otherwise();
    }

    private List<Integer> windows(int layers) {
        Integer size = style.window() == null ? null : size(style.window());
        if (size == null) {
            return Collections.nCopies(layers, null);
        }
        return IntStream.range(0, layers).mapToObj(layer -> slides(layer, layers) ? size : null).toList();
    }

    private Integer size(Family.Window window) {
        Family.Flag enabled = window.enabled();
        if (enabled != null && !config.flag(enabled.key(), enabled.otherwise())) {
            return null;
        }
        if (config.has(window.key())) {
            return config.positive(window.key(), Integer.MAX_VALUE);
        }
        return config.json().has(window.key()) ? null : window.otherwise();
    }

    private boolean slides(int layer, int layers) {
        if (config.has("layer_types")) {
            return slides(config.get("layer_types"), layer, layers);
        }
        return switch (style.window().layers()) {
            case ALL -> true;
            case EVEN -> layer % 2 == 0;
            case FROM_MAX_WINDOW_LAYERS -> layer >= firstWindow();
        };
    }

    private int firstWindow() {
        String key = "max_window_layers";
        JsonNode value = config.get(key);
        if (config.has(key) && (!value.isInt() || value.intValue() < 0)) {
            throw config.invalid(key, value, "an integer");
        }
        return value.isInt() ? value.intValue() : QWEN_WINDOW_LAYERS;
    }

    private boolean slides(JsonNode types, int layer, int layers) {
        if (!types.isArray() || types.size() != layers) {
            throw config.invalid("layer_types", types, "a list with a type for each of the " + layers + " layers");
        }
        return switch (types.get(layer).asText()) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default -> throw config.unsupported("layer_types", types.get(layer).asText(),
                    "full_attention, sliding_attention");
        };
    }
}
