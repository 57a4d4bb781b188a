package io.espalier.pruning.method;

import io.espalier.model.config.ModelConfig;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LocalSelector;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;
import io.espalier.pruning.plan.UnitScores;
import io.espalier.pruning.surgery.WeightUpdate;
import java.io.IOException;
import java.util.Optional;

/**
 * A way to decide which units go. Implementations have no state, are named in
 * {@code META-INF/services/io.espalier.pruning.method.PruningMethod} and found by {@link Methods}: neither handlers nor
 * coordinator know one method from another.
 */
public interface PruningMethod {
    /** {@code method.name} in a request. */
    String name();

    /** What scoring needs with these options. */
    Scoring scoring(MethodOptions options);

    /**
     * Refuses early what cannot work on this model.
     *
     * @throws IllegalArgumentException naming key, value and remedy
     */
    default void check(ModelShape shape, PruningGoal goal, MethodOptions options) {}

    /** @throws IllegalArgumentException where a model has too few layers for {@code method.layerRanges} */
    static void checkRanges(int ranges, ModelShape shape) {
        if (ranges > shape.layers().size()) {
            throw new IllegalArgumentException("method.layerRanges: " + ranges + ", but the model has "
                    + shape.layers().size() + " layers; each range needs one");
        }
    }

    /** Whether heads that stay keep all their dimensions: most formats can hold no others. */
    default boolean keepsWholeHeads(MethodOptions options) {
        return true;
    }

    /** Size of the result from shapes alone, as near as it can be known before anything is scored. */
    default long predictedParameters(ModelShape shape, PruningGoal goal, MethodOptions options) {
        LocalSelector local = LocalSelector.of(shape, goal);
        return local.parameters(local.ratios(goal.target()));
    }

    /** How many fp32 copies of one block (weights, gradients, sums of them) scoring holds at a time. */
    default int blockCopies(MethodOptions options) {
        return 2;
    }

    /** Bytes that scoring holds beside them: Gram matrices of one block, for example. */
    default long workBytes(ModelConfig config, MethodOptions options) {
        return 0;
    }

    /**
     * Statistics of one shard; those of all shards are merged by {@link Statistics#merge}.
     *
     * @throws InterruptedException when {@link Progress#at} says so
     */
    Statistics score(ScoringTask task) throws IOException, InterruptedException;

    /** The plan that the merged statistics lead to: pure, the same everywhere. */
    PruningPlan rank(RankingTask task);

    /** The scores that {@link #rank} compares, for people to look at; null where it does not go by scores of units. */
    default UnitScores scores(RankingTask task) {
        return null;
    }

    /** What {@link #update} takes; empty where weights stay what they were. */
    default Optional<RepairNeed> repair(ModelConfig config, MethodOptions options) {
        return Optional.empty();
    }

    /** New values for weights that stay, where the method repairs what pruning broke. */
    default WeightUpdate update(UpdateTask task) throws InterruptedException {
        return WeightUpdate.NONE;
    }
}
