package io.espalier.pruning.surgery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.Family;
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
        Family.Keys keys = original.family().keys();
        json.put(keys.hiddenSize(), hidden);
        json.put(keys.headDim(), original.headDim());
        json.put(keys.layers(), plan.layers().size());
        writeLayerTypes(json);
        if (plan.isUniform()) {
            LayerShape widths = plan.layers().getFirst().shape();
            json.put(keys.queryHeads(), widths.queryHeads());
            json.put(keys.kvHeads(), widths.kvHeads());
            json.put(keys.channels(), widths.channels());
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

    /** Windows of some layers only follow their layers, which may have other numbers now. */
    private void writeLayerTypes(ObjectNode json) {
        List<Integer> windows = original.attention().windows();
        if (!json.has("layer_types") && windows.stream().distinct().count() < 2) {
            return;
        }
        ArrayNode types = json.putArray("layer_types");
        plan.layers().forEach(layer -> types
                .add(windows.get(layer.layer()) == null ? "full_attention" : "sliding_attention"));
        if (json.hasNonNull("max_window_layers")) {
            json.put("max_window_layers", Math.min(json.get("max_window_layers").intValue(), plan.layers().size()));
        }
    }
}
