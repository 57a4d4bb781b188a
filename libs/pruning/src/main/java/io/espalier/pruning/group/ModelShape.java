package io.espalier.pruning.group;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbers of a decoder that decide what its units are and what they cost.
 *
 * @param tied       whether lm_head is the embedding itself
 * @param extras     which vectors the family has beside the matrices
 */
public record ModelShape(int hiddenSize, int headDim, int vocabulary, boolean tied, Extras extras,
        List<LayerShape> layers) {
    public ModelShape {
        layers = List.copyOf(layers);
        if (hiddenSize < 1 || headDim < 1 || vocabulary < 1) {
            throw new IllegalArgumentException("not a model shape: hidden size " + hiddenSize + ", head dimension "
                    + headDim + ", vocabulary " + vocabulary);
        }
    }

    /**
     * @param qkvBias    q_proj, k_proj and v_proj have biases
     * @param outputBias o_proj has one
     * @param mlpBias    gate_proj, up_proj and down_proj have them
     * @param norms      normalisation vectors of hidden size around attention, and as many around the MLP: one in front,
     *                   a second one behind in some families
     * @param headNorms  normalisation vectors of head size in each attention
     */
    public record Extras(boolean qkvBias, boolean outputBias, boolean mlpBias, int norms, int headNorms) {
        /** As in LLaMA: no biases, one norm each. */
        public static final Extras LLAMA = new Extras(false, false, false, 1, 0);
    }

    /** @throws UnsupportedModelException for a model whose heads have lost dimensions: units are whole heads */
    public static ModelShape of(ModelConfig config) {
        if (config.layers().stream().anyMatch(layer -> layer.headDims() != null)) {
            throw new UnsupportedModelException(
                    "a model whose heads have lost dimensions cannot be pruned again; prune "
                            + "the original to the smaller target");
        }
        var extras = new Extras(config.biases().queryKeyValue(), config.biases().output(), config.biases().mlp(),
                config.family().has(Role.O_NORM) ? 2 : 1, config.family().has(Role.Q_NORM) ? 2 : 0);
        return new ModelShape(config.hiddenSize(), config.headDim(), config.vocabularySize(), config.tiedEmbeddings(),
                extras, config.layers());
    }

    /** Weights that go with one KV group of a layer: {@code 2 Dh d (R + 1)}, and its biases. */
    public long attentionCost(int layer) {
        LayerShape shape = layers.get(layer);
        long dim = shape.headDim(headDim);
        long matrices = 2 * dim * hiddenSize * (shape.groupSize() + 1);
        return matrices + (extras.qkvBias() ? dim * (shape.groupSize() + 2) : 0);
    }

    /** Weights that go with one MLP channel: {@code 3 d}, and its biases. */
    public long channelCost() {
        return 3L * hiddenSize + (extras.mlpBias() ? 2 : 0);
    }

    /** All weights of a block. */
    public long layerCost(int layer) {
        LayerShape shape = layers.get(layer);
        return fixedCost(shape) + shape.kvHeads() * attentionCost(layer) + shape.channels() * channelCost();
    }

    /** What stays in a block whatever units go: norms and the biases of its two output projections. */
    private long fixedCost(LayerShape shape) {
        long attention = (long) extras.norms() * hiddenSize + (long) extras.headNorms() * headDim
                + (extras.outputBias() ? hiddenSize : 0);
        long mlp = (long) extras.norms() * hiddenSize + (extras.mlpBias() ? hiddenSize : 0);
        return (shape.kvHeads() > 0 ? attention : 0) + (shape.channels() > 0 ? mlp : 0);
    }

    /** Weights of one dimension of the residual stream in the whole network. */
    public long hiddenCost() {
        long cost = (tied ? 1L : 2L) * vocabulary + 1;
        for (LayerShape shape : layers) {
            long attention = 2L * shape.headDim(headDim) * (shape.queryHeads() + shape.kvHeads()) + extras.norms()
                    + (extras.outputBias() ? 1 : 0);
            long mlp = 3L * shape.channels() + extras.norms() + (extras.mlpBias() ? 1 : 0);
            cost += (shape.kvHeads() > 0 ? attention : 0) + (shape.channels() > 0 ? mlp : 0);
        }
        return cost;
    }

    /** Stored parameters; a tied lm_head counts once. */
    public long parameters() {
        long sum = (tied ? 1L : 2L) * vocabulary * hiddenSize + hiddenSize;
        for (int layer = 0; layer < layers.size(); layer++) {
            sum += layerCost(layer);
        }
        return sum;
    }

    public LayerShape layer(int layer) {
        return layers.get(layer);
    }

    public ModelShape withLayers(List<LayerShape> changed) {
        return new ModelShape(hiddenSize, headDim, vocabulary, tied, extras, changed);
    }

    public ModelShape withLayer(int layer, LayerShape changed) {
        List<LayerShape> copy = new ArrayList<>(layers);
        copy.set(layer, changed);
        return withLayers(copy);
    }

    public ModelShape withHiddenSize(int changed) {
        return new ModelShape(changed, headDim, vocabulary, tied, extras, layers);
    }
}
