package io.espalier.platform.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The values a process was configured with, by dotted key: defaults of the reader &lt; YAML file (named by
 * {@code ESPALIER_CONFIG}) &lt; environment &lt; explicit arguments. The key {@code http.port} is
 * {@code ESPALIER_HTTP_PORT} in the environment and {@code http: {port: 8080}} in the file. Every complaint names key,
 * value and origin; values of secret keys are never shown.
 */
public final class Settings {
    private static final String PREFIX = "ESPALIER_";

    private record Value(String text, String origin) {}

    private final Map<String, Value> values;

    private Settings(Map<String, Value> values) {
        this.values = values;
    }

    /** @throws SettingException if the file that {@code ESPALIER_CONFIG} names cannot be read */
    public static Settings fromEnv(Map<String, String> environment) {
        var values = new TreeMap<String, Value>();
        String file = environment.get(PREFIX + "CONFIG");
        if (file != null && !file.isBlank()) {
            flatten("", readYaml(Path.of(file)), file, values);
        }
        environment.forEach((name, text) -> {
            if (name.startsWith(PREFIX) && !text.isBlank()) {
                values.put(keyOf(name), new Value(text.strip(), name));
            }
        });
        return new Settings(values);
    }

    /** A copy in which these values, by dotted key, win over all others. */
    public Settings with(Map<String, String> arguments) {
        var copy = new TreeMap<>(values);
        arguments.forEach((key, text) -> copy.put(key, new Value(text, "argument " + key)));
        return new Settings(copy);
    }

    public Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).map(Value::text);
    }

    public String text(String key, String fallback) {
        return text(key).orElse(fallback);
    }

    /** @throws SettingException if the key is not set */
    public String required(String key) {
        return text(key).orElseThrow(() -> new SettingException(
                "set " + PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_') + " (in a file: " + key + ")"));
    }

    public int integer(String key, int fallback, int least, int most) {
        Value value = values.get(key);
        if (value == null) {
            return fallback;
        }
        try {
            int number = Integer.parseInt(value.text);
            if (least <= number && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // refused below like a number out of range
        }
        throw refused(key, value, "write a whole number from " + least + " to " + most);
    }

    /** A duration in whole seconds, at least one. */
    public Duration seconds(String key, Duration fallback) {
        return Duration.ofSeconds(integer(key, Math.toIntExact(fallback.toSeconds()), 1, Integer.MAX_VALUE));
    }

    public boolean flag(String key, boolean fallback) {
        Value value = values.get(key);
        if (value == null) {
            return fallback;
        }
        return switch (value.text.toLowerCase(Locale.ROOT)) {
            case "true", "on", "yes", "1" -> true;
            case "false", "off", "no", "0" -> false;
            default -> throw refused(key, value, "write on or off");
        };
    }

    /** All values whose key starts with a prefix and a dot, by the rest of the key. */
    public Map<String, String> below(String prefix) {
        String start = prefix + ".";
        return values.entrySet().stream().filter(entry -> entry.getKey().startsWith(start))
                .collect(Collectors.toMap(entry -> entry.getKey().substring(start.length()),
                        entry -> entry.getValue().text(), (first, second) -> first, TreeMap::new));
    }

    /** A complaint about the value of a key that a reader found wrong. */
    public SettingException refused(String key, String remedy) {
        return refused(key, values.getOrDefault(key, new Value("(not set)", key)), remedy);
    }

    private static SettingException refused(String key, Value value, String remedy) {
        return new SettingException(
                value.origin + ": " + key + " = '" + Secrets.hide(key, value.text) + "': " + remedy);
    }

    /** Keys only: values may be secret. */
    @Override
    public String toString() {
        return "Settings" + values.keySet();
    }

    private static String keyOf(String variable) {
        return variable.substring(PREFIX.length()).toLowerCase(Locale.ROOT).replace('_', '.');
    }

    private static JsonNode readYaml(Path file) {
        try {
            return new YAMLMapper().readTree(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new SettingException(PREFIX + "CONFIG: cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static void flatten(String key, JsonNode node, String file, Map<String, Value> values) {
        if (node.isObject()) {
            node.properties().forEach(
                    entry -> flatten(key.isEmpty() ? entry.getKey() : key + "." + entry.getKey(), entry.getValue(),
                            file, values));
        } else if (node.isValueNode() && !key.isEmpty()) {
            if (!node.isNull()) {
                values.put(key.toLowerCase(Locale.ROOT), new Value(node.asText(), file));
            }
        } else if (!node.isMissingNode()) {
            throw new SettingException(file + ": " + (key.isEmpty() ? "the file" : key)
                    + " must be a map of settings or a single value");
        }
    }
}
