package io.espalier.model.config;

import static io.espalier.model.config.Family.Flag.fixed;

import io.espalier.model.config.Family.Biases;
import io.espalier.model.config.Family.Flag;
import io.espalier.model.config.Family.LayerTensor;
import java.util.List;
import java.util.stream.Collectors;

/** Every family this decoder can run. A new one is a new entry. */
public final class Families {
    private static final LayerTensor Q_NORM = tensor("self_attn.q_norm", Role.Q_NORM);
    private static final LayerTensor K_NORM = tensor("self_attn.k_norm", Role.K_NORM);
    private static final List<LayerTensor> LLAMA_LAYER = List.of(tensor("input_layernorm", Role.INPUT_NORM),
            tensor("self_attn.q_proj", Role.Q), tensor("self_attn.k_proj", Role.K),
            tensor("self_attn.v_proj", Role.V), tensor("self_attn.o_proj", Role.O),
            tensor("post_attention_layernorm", Role.POST_NORM), tensor("mlp.gate_proj", Role.GATE),
            tensor("mlp.up_proj", Role.UP), tensor("mlp.down_proj", Role.DOWN));
    private static final List<LayerTensor> QWEN3_LAYER = List.of(LLAMA_LAYER.get(0), LLAMA_LAYER.get(1),
            LLAMA_LAYER.get(2), LLAMA_LAYER.get(3), Q_NORM, K_NORM, LLAMA_LAYER.get(4), LLAMA_LAYER.get(5),
            LLAMA_LAYER.get(6), LLAMA_LAYER.get(7), LLAMA_LAYER.get(8));

    private static final List<Family> ALL = List.of(
            llamaLike("llama", LLAMA_LAYER,
                    new Biases(new Flag("attention_bias", false), new Flag("attention_bias", false),
                            new Flag("mlp_bias", false))),
            llamaLike("mistral", LLAMA_LAYER, new Biases(fixed(false), fixed(false), fixed(false))),
            llamaLike("qwen2", LLAMA_LAYER, new Biases(fixed(true), fixed(false), fixed(false))),
            llamaLike("qwen3", QWEN3_LAYER,
                    new Biases(new Flag("attention_bias", false), new Flag("attention_bias", false), fixed(false))));

    private Families() {}

    /** The family of a {@code model_type}. */
    public static Family of(String modelType) {
        return ALL.stream().filter(f -> f.modelType().equals(modelType)).findFirst()
                .orElseThrow(() -> new UnsupportedModelException("config.json: model_type '" + modelType
                        + "' is not supported; supported are " + names()));
    }

    /** All of them, as {@code config.json} spells them. */
    public static String names() {
        return ALL.stream().map(Family::modelType).collect(Collectors.joining(", "));
    }

    private static Family llamaLike(String modelType, List<LayerTensor> layer, Biases biases) {
        return new Family(modelType, "model.layers.{}.", "model.embed_tokens", "model.norm", "lm_head", layer, biases,
                false, false, false);
    }

    private static LayerTensor tensor(String suffix, Role... roles) {
        return new LayerTensor(suffix, List.of(roles));
    }
}
