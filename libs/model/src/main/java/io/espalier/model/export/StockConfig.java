package io.espalier.model.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.Family;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import java.util.List;

/**
 * {@code config.json} of a model whose layers are alike.
 *
 * <p>transformers refuses {@code llama} where the hidden size is not a multiple of the number of heads, although the
 * head dimension is given; {@code mistral} without a sliding window is the same network and accepts it.
 */
public final class StockConfig {
    private StockConfig() {}

    /** The keys of {@code config.json()}, with these widths in all layers. */
    public static ObjectNode of(ModelConfig config, LayerShape widths) {
        ObjectNode json = config.json().deepCopy();
        Family.Keys keys = config.family().keys();
        json.put(keys.hiddenSize(), config.hiddenSize());
        json.put(keys.headDim(), config.headDim());
        json.put(keys.layers(), config.layers().size());
        json.put(keys.queryHeads(), widths.queryHeads());
        json.put(keys.kvHeads(), widths.kvHeads());
        json.put(keys.channels(), widths.channels());
        if (needsMistral(config, widths.queryHeads())) {
            becomeMistral(json);
        }
        return json;
    }

    private static boolean needsMistral(ModelConfig config, int heads) {
        ModelConfig.Biases biases = config.biases();
        return config.family().modelType().equals("llama") && heads > 0 && config.hiddenSize() % heads != 0
                && !biases.queryKeyValue() && !biases.output() && !biases.mlp();
    }

    private static void becomeMistral(ObjectNode json) {
        json.put("model_type", "mistral");
        json.putArray("architectures").add("MistralForCausalLM");
        json.putNull("sliding_window");
        json.remove(List.of("attention_bias", "mlp_bias", "pretraining_tp"));
    }
}
