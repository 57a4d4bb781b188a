package io.espalier.protocol.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/** Reads a request's text, YAML or JSON, however it looks: what is no request is an {@link InvalidRequestException}. */
final class RequestText {
    static final int MAX_CHARACTERS = 1 << 20;

    private static final JsonMapper JSON = JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private RequestText() {}

    static RequestDocument parse(String text) {
        if (text.length() > MAX_CHARACTERS) {
            throw problem("is too long: " + text.length() + " characters, at most " + MAX_CHARACTERS, 0);
        }
        String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
        if (!body.stripLeading().startsWith("{")) {
            return new YamlText(body).document();
        }
        try {
            return new RequestDocument((ObjectNode) JSON.readTree(body), Map.of());
        } catch (JsonProcessingException notJson) {
            return flowYaml(body, notJson);
        }
    }

    /** {@code {model: a, …}} is YAML, too; where it is neither, JSON's complaint is the more useful one. */
    private static RequestDocument flowYaml(String body, JsonProcessingException notJson) {
        try {
            return new YamlText(body).document();
        } catch (InvalidRequestException notYaml) {
            int line = notJson.getLocation() == null ? 0 : notJson.getLocation().getLineNr();
            throw problem("is not valid JSON: " + notJson.getOriginalMessage(), Math.max(line, 0));
        }
    }

    static ObjectNode object(JsonNode node) {
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw problem("must be an object with keys such as model, method and target", 0);
    }

    static InvalidRequestException problem(String message, int line) {
        return new InvalidRequestException(new RequestProblem("", message, line));
    }
}
