package io.espalier.pruning.plan;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.espalier.model.config.LayerShape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What stays of one layer, in units of the original; all indices ascend.
 *
 * @param layer        index in the original
 * @param kvGroups     kept KV heads
 * @param queryHeads   kept query heads
 * @param channels     kept MLP channels
 * @param keptHeadDims for each kept KV group the dimensions kept inside its heads, equally many in every group;
 *                     null means all (only methods that prune inside heads say otherwise)
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"layer", "kvGroups", "queryHeads", "channels", "keptKvGroups", "keptChannels", "keptHeadDims"})
public record LayerPlan(int layer, int kvGroups, int queryHeads, int channels, List<Integer> keptKvGroups,
        List<Integer> keptChannels, List<List<Integer>> keptHeadDims) {
    public LayerPlan {
        keptKvGroups = ascending("keptKvGroups", layer, keptKvGroups);
        keptChannels = ascending("keptChannels", layer, keptChannels);
        keptHeadDims = keptHeadDims == null ? null : keptHeadDims.stream().map(List::copyOf).toList();
        if (kvGroups != keptKvGroups.size() || channels != keptChannels.size()
                || keptHeadDims != null && keptHeadDims.size() != kvGroups) {
            throw new IllegalArgumentException("plan of layer " + layer + " contradicts itself");
        }
    }

    /**
     * @param groupSize query heads for each KV head
     */
    public static LayerPlan of(int layer, int groupSize, List<Integer> keptKvGroups, List<Integer> keptChannels) {
        return new LayerPlan(layer, keptKvGroups.size(), keptKvGroups.size() * groupSize, keptChannels.size(),
                keptKvGroups, keptChannels, null);
    }

    public LayerShape shape() {
        return new LayerShape(queryHeads, kvGroups, channels, keptHeadDims);
    }

    public LayerPlan withHeadDims(List<List<Integer>> dims) {
        return new LayerPlan(layer, kvGroups, queryHeads, channels, keptKvGroups, keptChannels, dims);
    }

    /** The kept query heads: the contiguous runs of the kept groups. */
    public List<Integer> keptQueryHeads() {
        int groupSize = kvGroups == 0 ? 0 : queryHeads / kvGroups;
        return keptKvGroups.stream()
                .flatMap(group -> IntStream.range(group * groupSize, (group + 1) * groupSize).boxed())
                .toList();
    }

    /** This plan, in units of what {@code earlier} left, in units of what {@code earlier} was made for. */
    LayerPlan after(LayerPlan earlier) {
        List<List<Integer>> dims = keptHeadDims;
        if (earlier.keptHeadDims != null) {
            dims = new ArrayList<>();
            for (int i = 0; i < kvGroups; i++) {
                List<Integer> inner = earlier.keptHeadDims.get(keptKvGroups.get(i));
                dims.add(keptHeadDims == null ? inner : pick(inner, keptHeadDims.get(i)));
            }
        }
        return new LayerPlan(earlier.layer, kvGroups, queryHeads, channels, pick(earlier.keptKvGroups, keptKvGroups),
                pick(earlier.keptChannels, keptChannels), dims);
    }

    /** Entries of {@code from} at {@code positions}; null stands for all there are. */
    static List<Integer> pick(List<Integer> from, List<Integer> positions) {
        return from == null ? positions : positions.stream().map(from::get).toList();
    }

    private static List<Integer> ascending(String name, int layer, List<Integer> indices) {
        List<Integer> copy = List.copyOf(indices);
        for (int i = 0; i < copy.size(); i++) {
            if (copy.get(i) < 0 || i > 0 && copy.get(i) <= copy.get(i - 1)) {
                throw new IllegalArgumentException(
                        "plan of layer " + layer + ": " + name + " must ascend from 0, but number " + i + " is "
                                + copy.get(i));
            }
        }
        return copy;
    }
}
