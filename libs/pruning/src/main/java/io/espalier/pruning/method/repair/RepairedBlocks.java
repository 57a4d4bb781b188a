package io.espalier.pruning.method.repair;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import io.espalier.model.config.Axis;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.ActivationStream;
import io.espalier.model.forward.BlockHooks;
import io.espalier.model.forward.BlockHooks.Site;
import io.espalier.model.forward.BlockWeights;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.pruning.method.Progress;
import io.espalier.pruning.method.UpdateTask;
import io.espalier.pruning.method.stream.BlockCut;
import io.espalier.pruning.method.stream.Grams;
import io.espalier.pruning.plan.LayerPlan;
import io.espalier.pruning.surgery.WeightUpdate;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Repairs o_proj and down_proj block by block, on the stream of the blocks that are already pruned and repaired (as the
 * released code of Search for Efficient LLMs does; Numerical Pruning does not say [D]). In each block first o_proj, from
 * what all heads would hand to it; then down_proj, from what all channels would hand to it behind the repaired
 * attention; then the samples pass the finished block.
 */
public final class RepairedBlocks implements WeightUpdate {
    private final Model model;
    private final ActivationStream stream;
    private final Repair repair;
    private final Progress progress;
    private NDManager scope;
    private int previous = -1;

    private RepairedBlocks(Model model, ActivationStream stream, Repair repair, Progress progress) {
        this.model = model;
        this.stream = stream;
        this.repair = repair;
        this.progress = progress;
    }

    /**
     * @param repair empty where weights stay what they were
     * @throws IllegalArgumentException if the task has no samples
     */
    public static WeightUpdate open(UpdateTask task, Optional<Repair> repair) {
        return repair.isPresent() ? open(task, repair.get()) : WeightUpdate.NONE;
    }

    private static RepairedBlocks open(UpdateTask task, Repair repair) {
        if (task.samples().length == 0) {
            throw new IllegalArgumentException("calibration: the repair of weights needs samples");
        }
        Model model = task.compute().open(task.model());
        try {
            return new RepairedBlocks(model, task.compute().streamer(model).stream(
                    MicroBatches.of(task.samples(), task.microBatch())), repair, task.progress());
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /**
     * The most bytes that are held beside the weights of one block and a micro-batch: attention as it is cut, both projections
     * repaired, and the repair of one of them.
     *
     * @param wholeHeads whether heads that stay keep all their dimensions; else more copies are made of them
     */
    public static long bytes(ModelConfig config, Repair repair, boolean wholeHeads) {
        return IntStream.range(0, config.layers().size()).mapToLong(layer -> bytes(config, layer, repair, wholeHeads))
                .max()
                .orElse(0);
    }

    private static long bytes(ModelConfig config, int layer, Repair repair, boolean wholeHeads) {
        long hidden = config.hiddenSize();
        long queries = config.length(Axis.QUERY, layer);
        long channels = config.length(Axis.CHANNEL, layer);
        long cut = 2 * hidden * (queries + config.length(Axis.KEY_VALUE, layer));
        long inside = wholeHeads ? 0 : 3 * hidden * queries;
        long repaired = hidden * (queries + channels);
        return Float.BYTES * (cut + inside + repaired) + Math.max(repair.bytes(queries, hidden), repair.bytes(channels,
                hidden));
    }

    @Override
    public Map<Role, NDArray> of(LayerPlan layer) throws InterruptedException {
        release();
        progress.at((double) layer.layer() / model.config().layers().size(), "repair of layer " + layer.layer());
        scope = model.newScope();
        previous = layer.layer();
        BlockWeights block = model.block(scope, layer.layer());
        BlockCut cut = new BlockCut(model.config().headDim(), layer);
        Map<Role, NDArray> repaired = new EnumMap<>(Role.class);
        BlockWeights now = repairAttention(block, cut, repaired);
        now = repairMlp(now, cut, repaired);
        stream.advance(now, _ -> BlockHooks.NONE);
        return repaired;
    }

    private BlockWeights repairAttention(BlockWeights block, BlockCut cut, Map<Role, NDArray> repaired) {
        if (!block.has(Role.O) || cut.plan().kvGroups() == 0) {
            return cut.attention(scope, block);
        }
        int[] kept = cut.keptInputsOfO();
        BlockWeights pruned = cut.attention(scope, block);
        long inputs = block.get(Role.O).getShape().get(1);
        if (kept.length == inputs) {
            return pruned;
        }
        NDArray weight = repair(block, Site.O_INPUT, Role.O, kept);
        repaired.put(Role.O, weight);
        return BlockCut.with(pruned, Role.O, cut.plan().keptHeadDims() == null
                ? weight
                : spread(weight, kept, pruned.get(Role.O)));
    }

    private BlockWeights repairMlp(BlockWeights block, BlockCut cut, Map<Role, NDArray> repaired) {
        int[] kept = cut.plan().keptChannels().stream().mapToInt(Integer::intValue).toArray();
        if (!block.has(Role.DOWN) || kept.length == 0 || kept.length == block.shape().channels()) {
            return cut.mlp(scope, block);
        }
        repaired.put(Role.DOWN, repair(block, Site.DOWN_INPUT, Role.DOWN, kept));
        return BlockCut.with(cut.mlp(scope, block), Role.DOWN, repaired.get(Role.DOWN));
    }

    /** [out, kept], fp32. */
    private NDArray repair(BlockWeights block, Site site, Role role, int[] kept) {
        try (NDManager inner = model.newScope()) {
            Grams grams = new Grams(inner, Set.of(site));
            stream.observe(block, _ -> grams);
            Torch.trim(); // what the repair takes does not fit the gaps that the pass has left
            NDArray weight = repair.repair(grams.get(site), block.get(role), kept).toType(DataType.FLOAT32, false);
            weight.attach(scope);
            return weight;
        }
    }

    /** Kept columns at the places where a block with zeroed dimensions, all of whose heads stay, has them. */
    private NDArray spread(NDArray weight, int[] kept, NDArray like) {
        try (NDManager inner = model.newScope()) {
            NDArray places = inner.create(kept).oneHot(Math.toIntExact(like.getShape().get(1)), DataType.FLOAT32);
            NDArray wide = weight.matMul(places);
            wide.attach(scope);
            return wide;
        }
    }

    private void release() {
        if (scope != null) {
            scope.close();
            model.release(previous);
            scope = null;
        }
    }

    @Override
    public void close() {
        release();
        stream.close();
        model.close();
    }
}
