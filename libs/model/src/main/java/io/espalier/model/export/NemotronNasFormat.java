package io.espalier.model.export;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code hf-nemotron-nas}: DeciLM, which vLLM, SGLang, TensorRT-LLM and mlx-lm run. A layer has key-value heads and an MLP
 * width of its own, or no attention, or no MLP; query heads are as many in all layers, the MLP's width is a multiple of
 * {@value #CHANNEL_MULTIPLE}, and layer 0 has attention. What a plan lacks of that is filled with zeros.
 */
final class NemotronNasFormat extends HuggingFaceFormat {
    /** Readers compute {@code F = ceil256(int(2 * ffn_mult * D / 3))}. */
    private static final int CHANNEL_MULTIPLE = 256;
    /** Mistral without a window is the same network. */
    private static final Set<String> FAMILIES = Set.of("llama", "mistral");

    NemotronNasFormat() {
        super("hf-nemotron-nas");
    }

    @Override
    public void check(ModelConfig config) {
        checkFamily(config, FAMILIES);
        checkWholeHeads(config);
        ModelConfig.Biases biases = config.biases();
        if (biases.queryKeyValue() || biases.output() || biases.mlp()) {
            throw new UnsupportedModelException("output.formats: " + name() + " cannot hold a model with biases");
        }
        if (config.attention().windows().stream().anyMatch(Objects::nonNull)) {
            throw new UnsupportedModelException("output.formats: " + name() + " cannot hold a sliding window");
        }
        if (Widths.most(config, LayerShape::queryHeads) == 0) {
            throw new UnsupportedModelException("output.formats: " + name()
                    + " cannot hold a model of which no layer has attention");
        }
        widths(config);
    }

    @Override
    public String advice(ModelConfig original, boolean uniform, int channelMultiple) {
        String heads = uniform ? "" : "query heads are filled with zeros where layers differ; shape: {uniform: true}";
        String channels = channelMultiple % CHANNEL_MULTIPLE == 0
                ? ""
                : "MLP widths are filled with zeros to multiples of 256; shape: {channelMultiple: 256}";
        return Stream.of(heads, channels).filter(text -> !text.isEmpty()).collect(Collectors.joining("; "));
    }

    @Override
    public String note(ModelConfig config) {
        return Widths.describe(config, widths(config));
    }

    @Override
    void write(HuggingFaceFolder folder) throws IOException {
        ModelConfig wide = folder.source().config().withLayers(widths(folder.source().config()));
        ObjectNode json = wide.json().deepCopy();
        json.put("head_dim", wide.headDim());
        json.put("num_attention_heads", Widths.most(wide, LayerShape::queryHeads));
        json.put("num_key_value_heads", Widths.most(wide, LayerShape::kvHeads));
        json.put("intermediate_size", Widths.most(wide, LayerShape::channels));
        json.remove("sliding_window");
        ArrayNode blocks = json.putArray("block_configs");
        wide.layers().forEach(layer -> describe(blocks.addObject(), layer, wide.hiddenSize()));
        TransformersCode.DECI.describe(json);
        folder.write(json, wide.layers());
        folder.write(TransformersCode.DECI);
    }

    /** What is stored of each layer. */
    static List<LayerShape> widths(ModelConfig config) {
        int heads = Widths.most(config, LayerShape::queryHeads);
        var widths = new ArrayList<LayerShape>();
        for (LayerShape layer : config.layers()) {
            boolean attention = layer.queryHeads() > 0 || widths.isEmpty();
            int channels = Math.ceilDiv(layer.channels(), CHANNEL_MULTIPLE) * CHANNEL_MULTIPLE;
            widths.add(attention
                    ? new LayerShape(heads, groups(layer, heads), channels)
                    : new LayerShape(0, 0, channels));
        }
        return widths;
    }

    /** The fewest key-value heads that divide the query heads and hold the layer's. */
    private static int groups(LayerShape layer, int heads) {
        return IntStream.rangeClosed(Math.max(1, layer.kvHeads()), heads)
                .filter(groups -> heads % groups == 0 && heads / groups >= layer.groupSize()).findFirst()
                .orElseThrow(() -> new UnsupportedModelException("output.formats: hf-nemotron-nas: a layer with "
                        + layer.queryHeads() + " query heads on " + layer.kvHeads()
                        + " key-value heads does not fit into one with " + heads + " query heads"));
    }

    /** The keys of a real file, all of them: readers take them as attributes. */
    private static void describe(ObjectNode block, LayerShape layer, int hiddenSize) {
        ObjectNode attention = block.putObject("attention");
        boolean attends = layer.queryHeads() > 0;
        putOrNull(attention, "n_heads_in_group", attends ? layer.groupSize() : null);
        attention.put("no_op", !attends).put("replace_with_linear", false).putNull("num_sink_tokens")
                .putNull("sparsify").put("unshifted_sink", false).put("use_prefill_window_in_sink_attention", false)
                .putNull("window_length");
        ObjectNode ffn = block.putObject("ffn");
        boolean works = layer.channels() > 0;
        if (works) {
            ffn.put("ffn_mult", 1.5 * layer.channels() / hiddenSize);
        } else {
            ffn.putNull("ffn_mult");
        }
        ffn.put("no_op", !works).put("replace_with_linear", false).putNull("sparsify");
    }

    private static void putOrNull(ObjectNode json, String key, Integer value) {
        if (value == null) {
            json.putNull(key);
        } else {
            json.put(key, value);
        }
    }
}
