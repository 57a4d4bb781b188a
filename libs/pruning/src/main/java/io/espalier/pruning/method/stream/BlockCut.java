package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.method.algebra.Cut;
import io.espalier.pruning.plan.LayerPlan;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * One block in memory as a plan leaves it, for measuring candidates and for repair. Dimensions pruned inside heads are
 * zeroed instead of cut, which gives the same outputs: a rotary pair of zeros stays zero, and q . k skips it.
 *
 * @param headDim entries of a head
 */
public record BlockCut(int headDim, LayerPlan plan) {
    /** The whole block; results live in {@code scope}. */
    public BlockWeights apply(NDManager scope, BlockWeights block) {
        return mlp(scope, attention(scope, block));
    }

    /** Only attention is cut. */
    public BlockWeights attention(NDManager scope, BlockWeights block) {
        if (!block.has(Role.O)) {
            return block;
        }
        Map<Role, NDArray> arrays = new EnumMap<>(block.arrays());
        if (plan.kvGroups() < block.shape().kvHeads()) {
            cutHeads(scope, block, arrays);
        }
        if (plan.keptHeadDims() != null) {
            zeroDims(scope, arrays);
        }
        LayerShape shape = new LayerShape(plan.queryHeads(), plan.kvGroups(), block.shape().channels());
        return new BlockWeights(block.layer(), shape, arrays);
    }

    /** Only the MLP is cut. */
    public BlockWeights mlp(NDManager scope, BlockWeights block) {
        if (!block.has(Role.DOWN) || plan.channels() == block.shape().channels()) {
            return block;
        }
        Map<Role, NDArray> arrays = new EnumMap<>(block.arrays());
        int[] channels = ints(plan.keptChannels());
        rows(scope, arrays, List.of(Role.GATE, Role.UP, Role.GATE_BIAS, Role.UP_BIAS), channels);
        arrays.computeIfPresent(Role.DOWN, (_, weight) -> Cut.columns(scope, weight, channels));
        LayerShape shape = new LayerShape(block.shape().queryHeads(), block.shape().kvHeads(), plan.channels());
        return new BlockWeights(block.layer(), shape, arrays);
    }

    /** The same block with other values for one weight. */
    public static BlockWeights with(BlockWeights block, Role role, NDArray weight) {
        Map<Role, NDArray> arrays = new EnumMap<>(block.arrays());
        arrays.put(role, weight);
        return new BlockWeights(block.layer(), block.shape(), arrays);
    }

    /** Input channels of o_proj that stay, ascending: whole query heads, or the kept dimensions inside them. */
    public int[] keptInputsOfO() {
        return entries(plan.keptQueryHeads(), plan.kvGroups() == 0 ? 1 : plan.queryHeads() / plan.kvGroups());
    }

    private int[] entries(List<Integer> heads, int headsPerGroup) {
        return IntStream.range(0, heads.size()).flatMap(i -> inside(i / headsPerGroup)
                .map(dim -> heads.get(i) * headDim + dim)).toArray();
    }

    private IntStream inside(int group) {
        return plan.keptHeadDims() == null
                ? IntStream.range(0, headDim)
                : plan.keptHeadDims().get(group).stream().mapToInt(Integer::intValue);
    }

    private void cutHeads(NDManager scope, BlockWeights block, Map<Role, NDArray> arrays) {
        int[] query = whole(plan.keptQueryHeads());
        int[] keyValue = whole(plan.keptKvGroups());
        rows(scope, arrays, List.of(Role.Q, Role.Q_BIAS), query);
        rows(scope, arrays, List.of(Role.K, Role.V, Role.K_BIAS, Role.V_BIAS), keyValue);
        arrays.computeIfPresent(Role.O, (_, weight) -> Cut.columns(scope, weight, query));
    }

    private int[] whole(List<Integer> heads) {
        return heads.stream().flatMapToInt(head -> IntStream.range(head * headDim, (head + 1) * headDim)).toArray();
    }

    /** On weights whose heads are already cut: query dimensions, and what V would hand to O. */
    private void zeroDims(NDManager scope, Map<Role, NDArray> arrays) {
        int groupSize = plan.queryHeads() / plan.kvGroups();
        float[] mask = new float[plan.queryHeads() * headDim];
        for (int head = 0; head < plan.queryHeads(); head++) {
            int start = head * headDim;
            inside(head / groupSize).forEach(dim -> mask[start + dim] = 1);
        }
        NDArray ones = scope.create(mask);
        arrays.computeIfPresent(Role.Q, (_, weight) -> owned(scope, weight.mul(ones.reshape(-1, 1))));
        arrays.computeIfPresent(Role.Q_BIAS, (_, bias) -> owned(scope, bias.mul(ones)));
        arrays.computeIfPresent(Role.O, (_, weight) -> owned(scope, weight.mul(ones)));
    }

    private static void rows(NDManager scope, Map<Role, NDArray> arrays, List<Role> roles, int[] rows) {
        roles.forEach(role -> arrays.computeIfPresent(role, (_, weight) -> Cut.rows(scope, weight, rows)));
    }

    private static NDArray owned(NDManager scope, NDArray array) {
        array.attach(scope);
        return array;
    }

    private static int[] ints(List<Integer> indices) {
        return indices.stream().mapToInt(Integer::intValue).toArray();
    }
}
