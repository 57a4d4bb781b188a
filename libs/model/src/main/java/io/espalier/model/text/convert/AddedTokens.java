package io.espalier.model.text.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.InvalidCheckpointException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Tokens beside the vocabulary, which files around it name: {@code tokenizer_config.json}, {@code added_tokens.json}. */
final class AddedTokens {
    private AddedTokens() {}

    static ObjectNode token(int id, String content, boolean special) {
        return JsonNodeFactory.instance.objectNode().put("id", id).put("content", content).put("single_word", false)
                .put("lstrip", false).put("rstrip", false).put("normalized", false).put("special", special);
    }

    /**
     * Adds what is not in the tokenizer yet.
     *
     * @param tokenizer in the form of {@code tokenizer.json}
     * @param config    {@code tokenizer_config.json}
     * @param extra     {@code added_tokens.json}: ids by text
     * @param folder    where they stand
     */
    static void add(ObjectNode tokenizer, JsonNode config, JsonNode extra, Path folder) {
        Map<Integer, ObjectNode> found = new TreeMap<>(Comparator.naturalOrder());
        for (Map.Entry<String, JsonNode> e : extra.properties()) {
            if (!e.getValue().isInt()) {
                throw new InvalidCheckpointException(folder.resolve("added_tokens.json") + ": the id of '" + e.getKey()
                        + "' is " + e.getValue() + ", not an integer");
            }
            found.put(e.getValue().intValue(), token(e.getValue().intValue(), e.getKey(), true));
        }
        for (Map.Entry<String, JsonNode> e : config.path("added_tokens_decoder").properties()) {
            if (!e.getKey().matches("\\d{1,9}") || !(e.getValue() instanceof ObjectNode token)) {
                throw new InvalidCheckpointException(folder.resolve("tokenizer_config.json")
                        + ": added_tokens_decoder holds '" + e.getKey() + "': " + e.getValue()
                        + ", not a token by its id");
            }
            int id = Integer.parseInt(e.getKey());
            found.put(id, token.deepCopy().put("id", id));
        }
        ArrayNode added = tokenizer.withArray("added_tokens");
        Set<Integer> known = new HashSet<>();
        added.forEach(token -> known.add(token.path("id").intValue()));
        found.forEach((id, token) -> {
            if (known.add(id)) {
                added.add(token);
            }
        });
    }

    /** The id of a token, wherever it stands; -1 for none. */
    static int id(JsonNode tokenizer, String text) {
        for (JsonNode token : tokenizer.path("added_tokens")) {
            if (token.path("content").asText().equals(text)) {
                return token.path("id").intValue();
            }
        }
        return tokenizer.path("model").path("vocab").path(text).asInt(-1);
    }
}
