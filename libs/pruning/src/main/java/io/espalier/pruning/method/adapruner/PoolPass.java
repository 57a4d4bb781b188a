package io.espalier.pruning.method.adapruner;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.Model;
import io.espalier.pruning.group.UnitType;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.PassProgress;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.method.ScoringVisitor;
import io.espalier.pruning.method.stream.Arrays64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * Fills {@link PoolRows} from the gradient of each sample's own loss, and on the pool's first subset computes LLM-Pruner's
 * {@code param_first} and {@code param_mix} as they are: their absolute values come after a sum over samples, which
 * cached rows cannot give.
 */
final class PoolPass implements ScoringVisitor {
    static final List<UnitType> TYPES = List.of(UnitType.ATTENTION, UnitType.MLP);

    private final Model model;
    private final ScoringTask task;
    private final int literalSamples;
    private final Statistics statistics;
    private final PassProgress progress;
    private NDManager scope;
    private final Map<Role, NDArray> gradientSums = new EnumMap<>(Role.class);
    private final Map<Role, NDArray> squareSums = new EnumMap<>(Role.class);

    /** @param literalSamples size of the first subset */
    PoolPass(Model model, ScoringTask task, int literalSamples, Statistics statistics, PassProgress progress) {
        this.model = model;
        this.task = task;
        this.literalSamples = literalSamples;
        this.statistics = statistics;
        this.progress = progress;
    }

    @Override
    public boolean wants(int layer) {
        return TYPES.stream().anyMatch(type -> task.layers().contains(type, layer));
    }

    @Override
    public void sequence(int layer, int sequence, BlockWeights block, BlockWeights gradients) {
        int sample = task.firstSample() + sequence;
        if (sample == 0) {
            scope = model.newScope();
        }
        for (UnitType type : TYPES) {
            if (task.layers().contains(type, layer) && units(block, type) > 0) {
                for (Role role : PoolRows.members(type)) {
                    addRow(sample, layer, units(block, type), role, block.get(role), gradients.get(role));
                    if (sample < literalSamples) {
                        addLiteral(role, gradients.get(role));
                    }
                }
            }
        }
        if (sample == literalSamples - 1) {
            finishLiteral(layer, block);
        }
    }

    private void addRow(int sample, int layer, int units, Role role, NDArray weight, NDArray gradient) {
        try (NDManager inner = model.newScope()) {
            NDArray fixed = weight.stopGradient();
            fixed.attach(inner);
            NDArray product = fixed.mul(gradient);
            NDArray wide = product.toType(DataType.FLOAT64, false);
            product.close();
            statistics.put(PoolRows.name("signed", sample, layer, role), sums(role, wide));
            statistics.put(PoolRows.name("absolute", sample, layer, role),
                    Arrays64.fold(sums(role, wide.abs()), units));
            statistics.put(PoolRows.name("squares", sample, layer, role),
                    Arrays64.fold(sums(role, wide.muli(wide)), units));
        }
    }

    private void addLiteral(Role role, NDArray gradient) {
        gradientSums.computeIfAbsent(role, _ -> scope.zeros(gradient.getShape(), gradient.getDataType()))
                .addi(gradient);
        try (NDManager inner = model.newScope()) {
            NDArray square = gradient.mul(gradient);
            square.attach(inner);
            squareSums.computeIfAbsent(role, _ -> scope.zeros(gradient.getShape(), gradient.getDataType()))
                    .addi(square);
        }
    }

    private void finishLiteral(int layer, BlockWeights block) {
        addScores(Literal.PARAM_FIRST, layer, block, (w, role) -> first(w, role));
        addScores(Literal.PARAM_MIX, layer, block,
                (w, role) -> first(w, role).sub(w.mul(w).mul(squareSums.get(role)).mul(0.5 / literalSamples)));
        gradientSums.clear();
        squareSums.clear();
        scope.close();
        scope = null;
    }

    @Override
    public PassProgress progress() {
        return progress;
    }

    /** {@code w g}, g of the mean loss. */
    private NDArray first(NDArray w, Role role) {
        return w.mul(gradientSums.get(role)).mul(1.0 / literalSamples);
    }

    private void addScores(Literal literal, int layer, BlockWeights weights,
            BiFunction<NDArray, Role, NDArray> saliency) {
        for (UnitType type : TYPES) {
            int units = units(weights, type);
            if (task.layers().contains(type, layer) && units > 0) {
                double[] scores = new double[units];
                for (Role role : PoolRows.members(type)) {
                    try (NDManager inner = model.newScope()) {
                        NDArray w = weights.get(role).stopGradient();
                        w.attach(inner);
                        double[] sums = Arrays64.fold(sums(role, saliency.apply(w, role).abs()), units);
                        for (int unit = 0; unit < units; unit++) {
                            scores[unit] += sums[unit];
                        }
                    }
                }
                statistics.add(literal.name(layer, type), scores);
            }
        }
    }

    private static double[] sums(Role role, NDArray matrix) {
        return PoolRows.byRows(role) ? Arrays64.rowSums(matrix) : Arrays64.columnSums(matrix);
    }

    private static int units(BlockWeights block, UnitType type) {
        return type == UnitType.ATTENTION ? block.shape().kvHeads() : block.shape().channels();
    }
}
