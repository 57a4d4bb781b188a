package io.espalier.pruning.importance;

import ai.djl.ndarray.NDManager;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.group.Member.Axis;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.plan.LayerRanges;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which statistics a scoring collects: those of the members of all units of some types in the layers in range.
 *
 * @param types ATTENTION and MLP for block-wise, HIDDEN for channel-wise pruning
 */
public record MemberStatistics(List<UnitType> types, LayerRanges layers) {
    public static MemberStatistics blockWise(LayerRanges layers) {
        return new MemberStatistics(List.of(UnitType.ATTENTION, UnitType.MLP), layers);
    }

    public static MemberStatistics channelWise(int layers) {
        return new MemberStatistics(List.of(UnitType.HIDDEN), LayerRanges.all(layers));
    }

    /** Whether weights around the blocks have a part in the units. */
    boolean isChannelWise() {
        return types.contains(UnitType.HIDDEN);
    }

    boolean wants(int layer) {
        return types.stream().anyMatch(type -> layers.contains(type, layer));
    }

    /** The members in one layer. */
    List<MemberStatistic> of(int layer) {
        return types.stream().filter(type -> layers.contains(type, layer))
                .flatMap(type -> MemberStatistic.of(type, layer).stream()).toList();
    }

    /**
     * Adds the sums of one layer's members, each computed by one thread from first to last.
     *
     * @param gradients null where the criterion needs none
     * @param fishers   null where the criterion needs none
     */
    void add(Statistics statistics, Criterion criterion, NDManager scope, BlockWeights weights,
            BlockWeights gradients, BlockWeights fishers) {
        List<MemberStatistic> members = of(weights.layer()).stream().filter(m -> weights.has(m.role())).toList();
        List<Saliency> saliencies = members.stream()
                .map(m -> saliency(m.role(), criterion, weights, gradients, fishers))
                .toList();
        IntStream all = IntStream.range(0, members.size());
        List<double[]> sums = (Torch.threads() > 1 && Saliency.isInMemory(weights) ? all.parallel() : all)
                .mapToObj(i -> saliencies.get(i).sum(scope, members.get(i).axis())).toList();
        for (int i = 0; i < members.size(); i++) {
            statistics.add(members.get(i).key(), sums.get(i));
        }
    }

    private static Saliency saliency(Role role, Criterion criterion, BlockWeights weights, BlockWeights gradients,
            BlockWeights fishers) {
        return new Saliency(criterion, weights.get(role), gradients == null ? null : gradients.get(role),
                fishers == null ? null : fishers.get(role));
    }

    /** Adds the sums of a piece of rows of a weight around the blocks: a vector's entries, a matrix's columns. */
    void addOuter(Statistics statistics, NDManager scope, Role role, Saliency saliency) {
        Axis axis = role.isMatrix() ? Axis.COLUMNS : Axis.ROWS;
        statistics.add(new MemberStatistic(-1, role, axis).key(), saliency.sum(scope, axis));
    }
}
