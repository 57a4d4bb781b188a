package io.espalier.model.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import java.io.IOException;
import java.util.function.ToIntFunction;

/**
 * {@code hf-per-layer}: any mixture of widths, by a small modelling file that lies in the folder and that transformers
 * runs with {@code trust_remote_code}. Layers without attention or without MLP are allowed anywhere.
 */
final class PerLayerFormat extends HuggingFaceFormat {
    PerLayerFormat() {
        super("hf-per-layer");
    }

    @Override
    public void check(ModelConfig config) {
        checkFamily(config, TransformersCode.families());
        checkWholeHeads(config);
    }

    @Override
    public String advice(ModelConfig original, boolean uniform, int channelMultiple) {
        return "";
    }

    boolean holds(ModelConfig config) {
        return TransformersCode.families().contains(config.family().modelType())
                && config.layers().stream().allMatch(layer -> layer.headDims() == null);
    }

    @Override
    void write(HuggingFaceFolder folder) throws IOException {
        ModelConfig config = folder.source().config();
        TransformersCode code = TransformersCode.perLayer(config.family().modelType());
        ObjectNode json = config.json().deepCopy();
        json.put("head_dim", config.headDim());
        array(json, "layer_num_attention_heads", config, LayerShape::queryHeads);
        array(json, "layer_num_key_value_heads", config, LayerShape::kvHeads);
        array(json, "layer_intermediate_size", config, LayerShape::channels);
        code.describe(json);
        folder.write(json, config.layers());
        folder.write(code);
    }

    private static void array(ObjectNode json, String key, ModelConfig config, ToIntFunction<LayerShape> width) {
        ArrayNode array = json.putArray(key);
        config.layers().forEach(layer -> array.add(width.applyAsInt(layer)));
    }
}
