package io.espalier.protocol.topic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The one configuration of JSON. Times are ISO-8601 strings, durations too. Events from a newer version may hold keys
 * that this one does not know; a user's request may not.
 */
public final class Json {
    private static final JsonMapper EVENTS = JsonMapper.builder().addModule(new JavaTimeModule())
            .addModule(new Jdk8Module()).disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private static final JsonMapper REQUESTS = EVENTS.rebuild()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private static final JsonMapper CANONICAL = EVENTS.rebuild().enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build();

    private Json() {}

    /** For what processes exchange: unknown keys are ignored. */
    public static ObjectMapper events() {
        return EVENTS;
    }

    /** For what users write: unknown keys are errors. */
    public static ObjectMapper requests() {
        return REQUESTS;
    }

    /** UTF-8 JSON without white space and with sorted keys: equal values have equal bytes. */
    public static byte[] canonical(Object value) {
        try {
            JsonNode tree = EVENTS.valueToTree(value);
            return CANONICAL.writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("cannot be written as JSON: " + value.getClass().getName(), e);
        }
    }

    /** SHA-256, in hexadecimal digits, of the {@link #canonical} JSON: equal for equal values. */
    public static String digest(Object value) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(canonical(value)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
