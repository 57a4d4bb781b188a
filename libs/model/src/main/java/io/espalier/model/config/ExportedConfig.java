package io.espalier.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * {@code config.json} of the layouts in which Espalier exports layers of different widths (a model type of their own, with
 * Python files beside it), turned back to that of the family; the widths stand in the manifest too. So an exported model
 * can be read, measured and pruned again.
 */
final class ExportedConfig {
    private static final String PER_LAYER = "espalier_";
    private static final String NEMOTRON_NAS = "nemotron-nas";
    private static final List<String> OWN_KEYS = List.of("auto_map", "block_configs", "layer_num_attention_heads",
            "layer_num_key_value_heads", "layer_intermediate_size");

    private ExportedConfig() {}

    /** The same where it is no such layout. */
    static ConfigFile plain(ConfigFile config) {
        String type = config.json().path("model_type").asText();
        if (type.startsWith(PER_LAYER)) {
            return config.as(plain(config.json(), type.substring(PER_LAYER.length())));
        }
        return type.equals(NEMOTRON_NAS) ? config.as(plain(config.json(), "llama")) : config;
    }

    private static ObjectNode plain(ObjectNode json, String family) {
        ObjectNode plain = json.deepCopy();
        plain.put("model_type", family);
        plain.remove(OWN_KEYS);
        ArrayNode architectures = plain.putArray("architectures");
        for (JsonNode name : json.path("architectures")) {
            architectures.add(name.asText().replace("DeciLM", "Llama").replaceFirst("^Espalier", ""));
        }
        return plain;
    }
}
