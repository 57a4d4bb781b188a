package io.espalier.pruning.latency;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;

/**
 * What of a model's shape its time grows with, summed over its layers.
 *
 * @param kvGroups key-value heads with their query heads; heads that lost dimensions count by what is left of them
 * @param channels MLP channels
 */
public record Widths(int layers, double kvGroups, double channels) {
    public static Widths of(ModelShape shape) {
        double groups = 0;
        double channels = 0;
        for (LayerShape layer : shape.layers()) {
            groups += layer.kvHeads() * (double) layer.headDim(shape.headDim()) / shape.headDim();
            channels += layer.channels();
        }
        return new Widths(shape.layers().size(), groups, channels);
    }
}
