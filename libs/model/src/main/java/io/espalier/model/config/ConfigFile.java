package io.espalier.model.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** A JSON object in a file, read key by key; every refusal names the file, the key, its value and what would do. */
final class ConfigFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final String prefix;
    private final ObjectNode json;

    private ConfigFile(Path file, String prefix, ObjectNode json) {
        this.file = file;
        this.prefix = prefix;
        this.json = json;
    }

    static ConfigFile read(Path file) {
        try {
            if (JSON.readTree(file.toFile()) instanceof ObjectNode object) {
                return new ConfigFile(file, "", object);
            }
            throw new InvalidCheckpointException(file + ": must be a JSON object");
        } catch (JacksonException e) {
            throw new InvalidCheckpointException(file + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new InvalidCheckpointException(file + ": no such file; a Hugging Face checkpoint folder is needed",
                    e);
        } catch (IOException e) {
            throw new InvalidCheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The same file, read as if it held something else. */
    ConfigFile as(ObjectNode other) {
        return new ConfigFile(file, prefix, other);
    }

    ObjectNode json() {
        return json;
    }

    JsonNode get(String key) {
        return json.path(key);
    }

    /** Present and not null. */
    boolean has(String key) {
        return json.hasNonNull(key);
    }

    /** The object under a key; an empty one where there is none. */
    ConfigFile object(String key) {
        if (!has(key)) {
            return new ConfigFile(file, prefix + key + ".", JSON.createObjectNode());
        }
        if (json.get(key) instanceof ObjectNode object) {
            return new ConfigFile(file, prefix + key + ".", object);
        }
        throw invalid(key, json.get(key), "an object");
    }

    String text(String key) {
        if (!json.path(key).isTextual()) {
            throw invalid(key, json.get(key), "a string");
        }
        return json.get(key).textValue();
    }

    String text(String key, String otherwise) {
        return has(key) ? text(key) : otherwise;
    }

    boolean flag(String key, boolean otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (!json.get(key).isBoolean()) {
            throw invalid(key, json.get(key), "true or false");
        }
        return json.get(key).booleanValue();
    }

    int positive(String key, int most) {
        JsonNode value = json.get(key);
        if (value == null || !value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() <= 0
                || value.intValue() > most) {
            throw invalid(key, value, "a positive integer" + (most == Integer.MAX_VALUE ? "" : " up to " + most));
        }
        return value.intValue();
    }

    /** A finite number above zero. */
    double positiveNumber(String key) {
        double value = number(key);
        if (!(value > 0)) {
            throw invalid(key, json.get(key), "a number above 0");
        }
        return value;
    }

    double positiveNumber(String key, double otherwise) {
        return has(key) ? positiveNumber(key) : otherwise;
    }

    double number(String key) {
        JsonNode value = json.get(key);
        if (value == null || !value.isNumber() || !Double.isFinite(value.doubleValue())) {
            throw invalid(key, value, "a number");
        }
        return value.doubleValue();
    }

    /** Positive numbers, exactly so many. */
    List<Double> positiveNumbers(String key, int count) {
        JsonNode values = json.path(key);
        boolean right = values.isArray() && values.size() == count && StreamSupport.stream(values.spliterator(), false)
                .allMatch(v -> v.isNumber() && v.doubleValue() > 0 && Double.isFinite(v.doubleValue()));
        if (!right) {
            throw invalid(key, values.isArray() ? "a list of " + values.size() : json.get(key),
                    "a list of " + count + " numbers above 0");
        }
        return StreamSupport.stream(values.spliterator(), false).map(JsonNode::doubleValue).toList();
    }

    InvalidCheckpointException invalid(String key, Object value, String right) {
        return new InvalidCheckpointException(
                file + ": " + prefix + key + " is " + (value == null ? "missing" : value) + ", must be " + right);
    }

    UnsupportedModelException unsupported(String key, Object value, String supported) {
        return new UnsupportedModelException(
                file + ": " + prefix + key + " '" + value + "' is not supported; supported are " + supported);
    }

    UnsupportedModelException refused(String key, String reason) {
        return new UnsupportedModelException(file + ": " + prefix + key + " " + reason);
    }
}
