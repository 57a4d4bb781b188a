package io.espalier.pruning.plan;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.group.ModelShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * What stays of a model: plain data, readable before anything is cut, always in units of the original checkpoint.
 *
 * @param layers     kept layers in order
 * @param keptHidden kept dimensions of the residual stream; null means all
 * @param achieved   size of the result
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"layers", "keptHidden", "achieved"})
public record PruningPlan(List<LayerPlan> layers, List<Integer> keptHidden, Achieved achieved) {
    /** @param share of the original's parameters */
    public record Achieved(long parameters, double share) {}

    public PruningPlan {
        layers = List.copyOf(layers);
        keptHidden = keptHidden == null ? null : List.copyOf(keptHidden);
        Objects.requireNonNull(achieved, "achieved");
        if (layers.isEmpty()) {
            throw new IllegalArgumentException("a plan keeps at least one layer");
        }
    }

    /** A plan with its achieved size counted from shapes. */
    public static PruningPlan of(ModelShape original, List<LayerPlan> layers, List<Integer> keptHidden) {
        long parameters = pruned(original, layers, keptHidden).parameters();
        return new PruningPlan(layers, keptHidden,
                new Achieved(parameters, (double) parameters / original.parameters()));
    }

    /** Shape of the pruned model. */
    public ModelShape shape(ModelShape original) {
        return pruned(original, layers, keptHidden);
    }

    /** What the pruned model's config says, from the original's. */
    public ModelConfig applied(ModelConfig original) {
        return original.withLayers(layers.stream().map(LayerPlan::shape).toList())
                .withHiddenSize(keptHidden == null ? original.hiddenSize() : keptHidden.size());
    }

    /**
     * This plan, made for the model that {@code earlier} had left, in units of the model that {@code earlier} was made
     * for: step by step pruning ends in one plan.
     */
    public PruningPlan after(PruningPlan earlier, ModelShape original) {
        List<LayerPlan> composed = new ArrayList<>();
        for (LayerPlan now : layers) {
            composed.add(now.after(earlier.layers.get(now.layer())));
        }
        List<Integer> hidden = keptHidden == null
                ? earlier.keptHidden
                : LayerPlan.pick(earlier.keptHidden, keptHidden);
        return of(original, composed, hidden);
    }

    /** Whether all kept layers have equal widths, which ordinary model configurations can express. */
    @JsonIgnore
    public boolean isUniform() {
        return layers.stream().map(LayerPlan::shape).distinct().count() == 1
                && layers.stream().allMatch(layer -> layer.keptHeadDims() == null);
    }

    private static ModelShape pruned(ModelShape original, List<LayerPlan> layers, List<Integer> keptHidden) {
        ModelShape shape = original.withLayers(layers.stream().map(layer -> layer.shape()).toList());
        return keptHidden == null ? shape : shape.withHiddenSize(keptHidden.size());
    }
}
