package io.espalier.pruning.surgery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.util.List;

/**
 * {@code config.json} of a pruned checkpoint. With equal widths in all layers it is an ordinary one that transformers
 * loads. Otherwise it keeps the original's head counts and MLP width, and the manifest tells the true ones.
 *
 * <p>transformers refuses {@code llama} where the hidden size is not a multiple of the number of heads, although the
 * head dimension is given; {@code mistral} without a sliding window is the same network and accepts it.
 */
record PrunedConfig(ModelConfig original, PruningPlan plan) {
    ObjectNode json() {
        ObjectNode json = original.json().deepCopy();
        int hidden = plan.keptHidden() == null ? original.hiddenSize() : plan.keptHidden().size();
        json.put("hidden_size", hidden);
        json.put("head_dim", original.headDim());
        json.put("num_hidden_layers", plan.layers().size());
        pickLayerTypes(json);
        if (plan.isUniform()) {
            LayerShape widths = plan.layers().getFirst().shape();
            json.put("num_attention_heads", widths.queryHeads());
            json.put("num_key_value_heads", widths.kvHeads());
            json.put("intermediate_size", widths.channels());
            if (needsMistral(hidden, widths.queryHeads())) {
                becomeMistral(json);
            }
        }
        return json;
    }

    private boolean needsMistral(int hidden, int heads) {
        ModelConfig.Biases biases = original.biases();
        return original.family().modelType().equals("llama") && hidden % heads != 0 && !biases.queryKeyValue()
                && !biases.output() && !biases.mlp();
    }

    private static void becomeMistral(ObjectNode json) {
        json.put("model_type", "mistral");
        json.putArray("architectures").add("MistralForCausalLM");
        json.putNull("sliding_window");
        json.remove(List.of("attention_bias", "mlp_bias", "pretraining_tp"));
    }

    /** Some families list a type for each layer. */
    private void pickLayerTypes(ObjectNode json) {
        if (json.get("layer_types") instanceof ArrayNode types) {
            List<JsonNode> kept = plan.layers().stream().map(LayerPlan::layer).map(types::get).toList();
            json.putArray("layer_types").addAll(kept);
        }
        if (json.hasNonNull("max_window_layers")) {
            json.put("max_window_layers", Math.min(json.get("max_window_layers").intValue(), plan.layers().size()));
        }
    }
}
