package io.espalier.pruning.surgery;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.Family;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.export.StockConfig;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.PruningPlan;
import java.util.List;

/**
 * {@code config.json} of a pruned checkpoint. With equal widths in all layers it is an ordinary one that transformers
 * loads. Otherwise it keeps the original's head counts and MLP width, and the manifest tells the true ones.
 */
record PrunedConfig(ModelConfig original, PruningPlan plan) {
    ObjectNode json() {
        ModelConfig pruned = plan.applied(original);
        ObjectNode json = plan.isUniform() ? StockConfig.of(pruned, pruned.layers().getFirst()) : legal(pruned);
        writeLayerTypes(json);
        return json;
    }

    private static ObjectNode legal(ModelConfig pruned) {
        ObjectNode json = pruned.json().deepCopy();
        Family.Keys keys = pruned.family().keys();
        json.put(keys.hiddenSize(), pruned.hiddenSize());
        json.put(keys.headDim(), pruned.headDim());
        json.put(keys.layers(), pruned.layers().size());
        return json;
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
