package io.espalier.model.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Set;

/**
 * The Python files by which transformers builds layers of different widths: a configuration that knows them, and a model
 * that makes each layer of the family's own class. Written into the folder, named by {@code auto_map}.
 *
 * @param modelType     {@code model_type} of {@code config.json}
 * @param classes       what the names of the classes start with
 * @param base          what the names of the family's classes in transformers start with
 * @param module        of the family in transformers
 * @param configuration resource
 */
record TransformersCode(String modelType, String classes, String base, String module, String configuration) {
    /** As NVIDIA's Nemotron-NAS models name it. */
    static final TransformersCode DECI = new TransformersCode("nemotron-nas", "DeciLM", "Llama", "llama",
            "configuration_decilm.py");
    /** Families by the names of their classes in transformers. */
    private static final Map<String, String> BASES = Map.of("llama", "Llama", "mistral", "Mistral", "qwen2", "Qwen2",
            "qwen3", "Qwen3");

    static Set<String> families() {
        return BASES.keySet();
    }

    static TransformersCode perLayer(String family) {
        String base = BASES.get(family);
        return new TransformersCode("espalier_" + family, "Espalier" + base, base, family,
                "configuration_per_layer.py");
    }

    /** What {@code config.json} must say so that these files are used. */
    void describe(ObjectNode json) {
        json.put("model_type", modelType);
        json.putArray("architectures").add(classes + "ForCausalLM");
        json.putObject("auto_map").put("AutoConfig", file("configuration") + "." + classes + "Config")
                .put("AutoModel", file("modeling") + "." + classes + "Model")
                .put("AutoModelForCausalLM", file("modeling") + "." + classes + "ForCausalLM");
    }

    /** Name of a file, without {@code .py}. */
    String file(String kind) {
        return kind + "_" + classes.toLowerCase(java.util.Locale.ROOT);
    }

    /** What stands for what in the resources. */
    Map<String, String> words() {
        return Map.of("NAME", classes, "BASE", base, "MODULE", module, "TYPE", modelType, "CONFIGURATION",
                file("configuration"));
    }
}
