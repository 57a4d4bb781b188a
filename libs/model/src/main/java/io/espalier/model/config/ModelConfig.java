package io.espalier.model.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Everything about a decoder that can be known without its weights.
 *
 * @param headDim      entries of one head
 * @param layers       widths of each layer; they may differ in a pruned model
 * @param biases       which biases exist, resolved
 * @param logitCap     logits become {@code cap * tanh(logit / cap)}; null for no cap
 * @param maxPositions longest sequence
 * @param bosId        null where the config names none
 * @param dtype        of the stored weights
 * @param json         {@code config.json} as it stands
 */
public record ModelConfig(Family family, int hiddenSize, int vocabularySize, int headDim, List<LayerShape> layers,
        double rmsNormEps, Rope rope, AttentionConfig attention, Activation activation, Biases biases,
        boolean tiedEmbeddings, Double logitCap, int maxPositions, Integer bosId, List<Integer> eosIds, DType dtype,
        ObjectNode json) {

    /** File with the per-layer widths of a pruned model. */
    public static final String MANIFEST = "pruning_manifest.json";
    /** Key of the manifest with the widths that are stored, where they are not those that were kept. */
    public static final String STORED_WIDTHS = "storedWidths";

    /** Whether q/k/v, o and the MLP have biases. */
    public record Biases(boolean queryKeyValue, boolean output, boolean mlp) {}

    public ModelConfig {
        layers = List.copyOf(layers);
        eosIds = List.copyOf(eosIds);
    }

    /**
     * Reads {@code config.json} of a checkpoint folder, and the widths of {@value #MANIFEST} where there is one.
     *
     * @throws InvalidCheckpointException where a key is missing or senseless
     * @throws UnsupportedModelException  where the model asks for what this decoder does not do
     */
    public static ModelConfig read(Path folder) {
        return new ConfigReader(folder).read();
    }

    /** The same model with other widths. */
    public ModelConfig withLayers(List<LayerShape> widths) {
        return new ModelConfig(family, hiddenSize, vocabularySize, headDim, widths, rmsNormEps, rope, attention,
                activation, biases, tiedEmbeddings, logitCap, maxPositions, bosId, eosIds, dtype, json);
    }

    /** The same model with a narrower residual stream. */
    public ModelConfig withHiddenSize(int size) {
        return new ModelConfig(family, size, vocabularySize, headDim, layers, rmsNormEps, rope, attention, activation,
                biases, tiedEmbeddings, logitCap, maxPositions, bosId, eosIds, dtype, json);
    }

    /** Every tensor the checkpoint holds, in its usual order; a tied head is none. */
    public List<TensorSpec> tensors() {
        var all = new ArrayList<TensorSpec>();
        all.add(whole(family.embedding() + ".weight", Role.EMBEDDING));
        for (int layer = 0; layer < layers.size(); layer++) {
            all.addAll(layerTensors(layer));
        }
        all.add(whole(family.finalNorm() + ".weight", Role.FINAL_NORM));
        if (!tiedEmbeddings) {
            all.add(whole(family.head() + ".weight", Role.HEAD));
        }
        return all;
    }

    /** The tensors of one layer; an attention or MLP without width has none, not even its norm. */
    public List<TensorSpec> layerTensors(int layer) {
        var all = new ArrayList<TensorSpec>();
        for (Family.LayerTensor tensor : family.layerTensors()) {
            String name = family.layerPrefix().replace("{}", Integer.toString(layer)) + tensor.name();
            add(all, name + ".weight", layer, tensor.roles());
            List<Role> biased = tensor.roles().stream().filter(this::hasBias).map(ModelConfig::biasOf).toList();
            if (biased.size() == tensor.roles().size()) {
                add(all, name + ".bias", layer, biased);
            }
        }
        return all;
    }

    /** Where each role of a layer is stored; roles this model does not have are absent. */
    public Map<Role, TensorSpec> layerRoles(int layer) {
        var roles = new EnumMap<Role, TensorSpec>(Role.class);
        for (TensorSpec tensor : layerTensors(layer)) {
            tensor.parts().forEach(part -> roles.put(part.role(), tensor));
        }
        return roles;
    }

    /** Shape of a tensor of {@link #tensors()}. */
    public long[] shape(TensorSpec tensor) {
        return tensor.columns() == null
                ? new long[]{tensor.rows()}
                : new long[]{tensor.rows(), length(tensor.columns(), tensor.layer())};
    }

    /** Entries along an axis in a layer; the layer is irrelevant for those all layers share. */
    public long length(Axis axis, int layer) {
        return switch (axis) {
            case HIDDEN -> hiddenSize;
            case VOCABULARY -> vocabularySize;
            case HEAD_DIM -> headDim;
            case QUERY -> (long) layers.get(layer).queryHeads() * headDim(layer);
            case KEY_VALUE -> (long) layers.get(layer).kvHeads() * headDim(layer);
            case CHANNEL -> layers.get(layer).channels();
        };
    }

    /** Stored parameters, from shapes alone; a tied head counts once. */
    public long parameters() {
        return tensors().stream().mapToLong(this::parameters).sum();
    }

    /** Parameters of one tensor. */
    public long parameters(TensorSpec tensor) {
        long product = 1;
        for (long n : shape(tensor)) {
            product *= n;
        }
        return product;
    }

    /** Bytes of all weights in the stored type. */
    public long bytes() {
        return parameters() * dtype.bytes();
    }

    /** Parameters of the largest layer. */
    public long largestLayerParameters() {
        return IntStream.range(0, layers.size()).mapToLong(layer -> parameters(layer, layer + 1)).max().orElse(0);
    }

    /** Parameters of the layers {@code from} to {@code to}, that one excluded. */
    public long parameters(int from, int to) {
        return IntStream.range(from, to)
                .mapToLong(layer -> layerTensors(layer).stream().mapToLong(this::parameters).sum()).sum();
    }

    /** Entries of one head of a layer: fewer than {@link #headDim()} where dimensions inside heads were pruned. */
    public int headDim(int layer) {
        return layers.get(layer).headDim(headDim);
    }

    /** Whether every layer has the same widths. */
    public boolean isUniform() {
        return layers.stream().distinct().count() <= 1;
    }

    private void add(List<TensorSpec> to, String name, int layer, List<Role> roles) {
        var parts = new ArrayList<TensorSpec.Part>();
        long offset = 0;
        for (Role role : roles) {
            long rows = length(role.axes().getFirst(), layer);
            parts.add(new TensorSpec.Part(role, offset, rows));
            offset += rows;
        }
        if (offset > 0 && !isCutOff(roles.getFirst(), layer)) {
            to.add(new TensorSpec(name, layer, parts));
        }
    }

    private boolean isCutOff(Role role, int layer) {
        LayerShape shape = layers.get(layer);
        return switch (role) {
            case Q_NORM, K_NORM, O, O_BIAS, INPUT_NORM, O_NORM -> shape.queryHeads() == 0;
            case DOWN, DOWN_BIAS, POST_NORM, DOWN_NORM -> shape.channels() == 0;
            default -> false;
        };
    }

    private TensorSpec whole(String name, Role role) {
        return new TensorSpec(name, -1,
                List.of(new TensorSpec.Part(role, 0, length(role.axes().getFirst(), 0))));
    }

    private boolean hasBias(Role role) {
        return switch (role) {
            case Q, K, V -> biases.queryKeyValue();
            case O -> biases.output();
            case GATE, UP, DOWN -> biases.mlp();
            default -> false;
        };
    }

    private static Role biasOf(Role role) {
        return Role.valueOf(role.name() + "_BIAS");
    }
}
