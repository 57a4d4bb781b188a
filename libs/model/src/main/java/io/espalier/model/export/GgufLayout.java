package io.espalier.model.export;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.UnsupportedModelException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * How llama.cpp holds a model: which of its architectures runs it, what its tensors are called, in which widths its layers
 * are stored. Writer and reader agree here.
 *
 * @param architecture {@code general.architecture}
 * @param widths       of each layer as stored; wider than the model's where llama.cpp does not do without
 */
record GgufLayout(String architecture, List<LayerShape> widths) {
    /** llama.cpp's Llama graph with widths as arrays. */
    private static final String PER_LAYER = "deci";
    /**
     * Families by the architecture that runs them where all layers are alike.
     */
    private static final Map<String, String> ARCHITECTURES = Map.of("llama", "llama", "mistral", "llama", "qwen2",
            "qwen2", "qwen3", "qwen3");
    /** Architectures whose rotary pairs are neighbours. */
    private static final Set<String> NEIGHBOURS = Set.of("llama", PER_LAYER);
    /** Channels of zeros in a layer without MLP: newer versions lose the attention of a layer whose width is 0. */
    private static final int STUB_CHANNELS = 256;
    private static final Map<Role, String> NAMES = Map.ofEntries(Map.entry(Role.EMBEDDING, "token_embd.weight"),
            Map.entry(Role.FINAL_NORM, "output_norm.weight"), Map.entry(Role.HEAD, "output.weight"),
            Map.entry(Role.INPUT_NORM, "attn_norm.weight"), Map.entry(Role.Q, "attn_q.weight"),
            Map.entry(Role.Q_BIAS, "attn_q.bias"), Map.entry(Role.K, "attn_k.weight"),
            Map.entry(Role.K_BIAS, "attn_k.bias"), Map.entry(Role.V, "attn_v.weight"),
            Map.entry(Role.V_BIAS, "attn_v.bias"), Map.entry(Role.Q_NORM, "attn_q_norm.weight"),
            Map.entry(Role.K_NORM, "attn_k_norm.weight"), Map.entry(Role.O, "attn_output.weight"),
            Map.entry(Role.O_BIAS, "attn_output.bias"), Map.entry(Role.POST_NORM, "ffn_norm.weight"),
            Map.entry(Role.GATE, "ffn_gate.weight"), Map.entry(Role.GATE_BIAS, "ffn_gate.bias"),
            Map.entry(Role.UP, "ffn_up.weight"), Map.entry(Role.UP_BIAS, "ffn_up.bias"),
            Map.entry(Role.DOWN, "ffn_down.weight"), Map.entry(Role.DOWN_BIAS, "ffn_down.bias"));

    /**
     * @param format for messages
     * @throws UnsupportedModelException where llama.cpp has no graph for this model
     */
    static GgufLayout of(String format, ModelConfig config) {
        String family = config.family().modelType();
        if (!ARCHITECTURES.containsKey(family)) {
            throw new UnsupportedModelException("output.formats: " + format + " cannot hold family '" + family
                    + "', only " + String.join(", ", new TreeSet<>(ARCHITECTURES.keySet())));
        }
        Widths.checkWholeHeads(format, config);
        String architecture = ARCHITECTURES.get(family);
        LayerShape first = config.layers().getFirst();
        if (config.isUniform() && first.queryHeads() > 0 && first.channels() > 0) {
            return new GgufLayout(architecture, config.layers());
        }
        if (!holdsDifferentWidths(config)) {
            throw new UnsupportedModelException("output.formats: " + format + " holds different widths per layer only "
                    + "for llama and mistral, not for '" + family + "'; ask for shape: {uniform: true}");
        }
        return new GgufLayout(PER_LAYER, IntStream.range(0, config.layers().size())
                .mapToObj(layer -> stored(layer, config.layers().get(layer))).toList());
    }

    /** The head size is taken from layer 0, which therefore has a head: of zeros if it has to be. */
    private static LayerShape stored(int layer, LayerShape widths) {
        boolean stub = layer == 0 && widths.queryHeads() == 0;
        return new LayerShape(stub ? 1 : widths.queryHeads(), stub ? 1 : widths.kvHeads(),
                widths.channels() == 0 ? STUB_CHANNELS : widths.channels());
    }

    /** Whether layers of such a model may differ. */
    static boolean holdsDifferentWidths(ModelConfig config) {
        return "llama".equals(ARCHITECTURES.get(config.family().modelType()));
    }

    boolean isPerLayer() {
        return architecture.equals(PER_LAYER);
    }

    /** Name of a tensor; {@code layer} is negative outside the blocks. */
    static String name(Role role, int layer) {
        return layer < 0 ? NAMES.get(role) : "blk." + layer + "." + NAMES.get(role);
    }

    /** Heads whose rows are reordered from transformers' halves to neighbours; 0 where rows stay as they are. */
    int turnedHeads(Role role, int layer) {
        if (!NEIGHBOURS.contains(architecture)) {
            return 0;
        }
        return switch (role) {
            case Q, Q_BIAS -> widths.get(layer).queryHeads();
            case K, K_BIAS -> widths.get(layer).kvHeads();
            default -> 0;
        };
    }
}
