package io.espalier.pruning.method.search;

import io.espalier.model.config.LayerShape;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.Constraints;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.PruningPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * All genomes that are allowed.
 *
 * @param insideHeads whether attention genes are dimensions inside every head, as in the paper, or whole KV groups [D];
 *                    dimensions go in rotary pairs, whose frequencies and softmax scale stay those of the whole head [D]
 * @param attention   kept share of each layer's attention masks
 * @param mlp         kept share of each layer's channels
 * @param minDepth    fewest layers
 * @param anyDepth    whether any layer may go, or only the last ones (as the released code does)
 * @param least       fewest parameters
 * @param most        most parameters
 */
record SearchSpace(ModelShape shape, LayerRanges ranges, Constraints constraints, boolean insideHeads,
        RatioRange attention, RatioRange mlp, int minDepth, boolean anyDepth, long least, long most) {

    int layers() {
        return shape.layers().size();
    }

    /** Masks of a layer's attention. */
    int attentionMasks(int layer) {
        return insideHeads ? shape.layer(layer).kvHeads() : 1;
    }

    /** Size of each of them. */
    int attentionSize(int layer) {
        return insideHeads ? shape.headDim() / 2 : shape.layer(layer).kvHeads();
    }

    /** Kept entries at a share; in a layer outside the range all. */
    int attentionCount(int layer, double share) {
        int size = attentionSize(layer);
        if (!ranges.contains(UnitType.ATTENTION, layer)) {
            return size;
        }
        return Math.clamp(Math.round(share * size), insideHeads ? 1 : constraints.minimumGroups(), size);
    }

    /** Kept channels at a share, a legal width; in a layer outside the range all. */
    int channelCount(int layer, double share) {
        int size = shape.layer(layer).channels();
        if (!ranges.contains(UnitType.MLP, layer)) {
            return size;
        }
        int kept = Math.max((int) Math.round(share * size), constraints.minimum(UnitType.MLP, size));
        return constraints.aligned(UnitType.MLP, kept, size);
    }

    /** A layer may come and go if both of its parts may. */
    boolean isRemovable(int layer) {
        return ranges.contains(UnitType.ATTENTION, layer) && ranges.contains(UnitType.MLP, layer);
    }

    boolean contains(Genome genome) {
        long parameters = parameters(genome);
        return least <= parameters && parameters <= most;
    }

    long parameters(Genome genome) {
        long sum = shape.parameters();
        for (int layer = 0; layer < layers(); layer++) {
            sum -= shape.layerCost(layer) - parameters(layer, genome.gene(layer));
        }
        return sum;
    }

    private long parameters(int layer, Gene gene) {
        if (!gene.present()) {
            return 0;
        }
        LayerShape full = shape.layer(layer);
        long attention = full.kvHeads() * shape.attentionCost(layer);
        long lostAttention = attention / attentionSize(layer) * (attentionSize(layer) - gene.attentionCount());
        return shape.layerCost(layer) - lostAttention
                - shape.channelCost() * (full.channels() - gene.channels().count());
    }

    PruningPlan plan(Genome genome) {
        List<LayerPlan> plans = new ArrayList<>();
        for (int layer = 0; layer < layers(); layer++) {
            Gene gene = genome.gene(layer);
            if (gene.present()) {
                plans.add(plan(layer, gene));
            }
        }
        return PruningPlan.of(shape, plans, null);
    }

    private LayerPlan plan(int layer, Gene gene) {
        int groupSize = shape.layer(layer).groupSize();
        if (!insideHeads) {
            return LayerPlan.of(layer, groupSize, gene.attention().getFirst().list(), gene.channels().list());
        }
        List<Integer> groups = IntStream.range(0, shape.layer(layer).kvHeads()).boxed().toList();
        LayerPlan whole = LayerPlan.of(layer, groupSize, groups, gene.channels().list());
        boolean isWhole = gene.attentionCount() == attentionSize(layer);
        return isWhole ? whole : whole.withHeadDims(gene.attention().stream().map(this::dims).toList());
    }

    /** A rotary pair p is the dimensions p and p + Dh/2 of a head. */
    private List<Integer> dims(Mask pairs) {
        int half = shape.headDim() / 2;
        return IntStream.concat(IntStream.of(pairs.indices()), IntStream.of(pairs.indices()).map(p -> p + half))
                .boxed().toList();
    }
}
