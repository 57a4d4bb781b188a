package io.espalier.model.forward;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.WeightSource;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An opened model: its blocks one at a time, its embedding and its head. Weights are fp32, but for the matrices of the
 * blocks of a model that was opened in bf16, for forward passes. A streamed model loads a block
 * whenever asked and forgets it, where memory allows with the next one on its way ({@link ReadAhead}); a resident one
 * keeps what it loaded. Callers cannot tell them apart.
 *
 * <p>
 * For one thread at a time, the one that opened it.
 */
public final class Model implements AutoCloseable {
    private final WeightSource weights;
    private final NDManager manager;
    private final boolean resident;
    private final long spareBytes;
    private final Map<Integer, BlockWeights> blocks = new HashMap<>();
    private final Embedding embedding;
    private final DecoderBlock decoder;
    private final Head head;
    private final ReadAhead ahead;
    private final boolean bfloat16;

    private Model(WeightSource weights, Device device, boolean resident, long spareBytes, boolean readsAhead,
            boolean bfloat16) {
        this.bfloat16 = bfloat16;
        this.weights = weights;
        this.spareBytes = spareBytes;
        this.manager = Torch.newManager(device);
        this.resident = resident;
        this.embedding = new Embedding(weights, resident);
        this.decoder = new DecoderBlock(weights.config(), bfloat16 ? LinearLayers.BFLOAT16 : LinearLayers.FORWARD);
        this.head = new Head(weights, manager, resident, Head.Limits.DEFAULT);
        this.ahead = readsAhead ? new ReadAhead(device, weights.config().layers().size(), this::load) : null;
    }

    /** One block in memory at a time. */
    public static Model streamed(Path folder, Device device) {
        return new Model(Checkpoint.open(folder), device, false, 0, false, false);
    }

    /** One block in memory at a time, wherever it is stored. The model closes its weights with itself. */
    public static Model streamed(WeightSource weights, Device device) {
        return new Model(weights, device, false, 0, false, false);
    }

    /** All blocks stay in memory once loaded. */
    public static Model resident(Path folder, Device device) {
        return new Model(Checkpoint.open(folder), device, true, Long.MAX_VALUE, false, false);
    }

    /**
     * Resident where all weights in fp32 take no more than {@code residentBytes}, otherwise streamed. What is left of them
     * may hold what a backward pass would otherwise compute twice; a streamed model uses them to read one block ahead, if
     * one fits.
     */
    public static Model open(Path folder, Device device, long residentBytes) {
        return open(folder, device, residentBytes, false);
    }

    /**
     * The same for forward passes whose linear layers in the blocks are bf16 ({@link io.espalier.model.engine.Bfloat16});
     * everything between them, embedding and head stay fp32. Blocks take half of the memory.
     */
    public static Model openBfloat16(Path folder, Device device, long residentBytes) {
        return open(folder, device, residentBytes, true);
    }

    private static Model open(Path folder, Device device, long residentBytes, boolean bfloat16) {
        Checkpoint checkpoint = Checkpoint.open(folder);
        ModelConfig config = checkpoint.config();
        int bytes = bfloat16 ? Short.BYTES : Float.BYTES;
        long inBlocks = config.parameters(0, config.layers().size());
        long spare = residentBytes - inBlocks * bytes - (config.parameters() - inBlocks) * Float.BYTES;
        boolean readsAhead = spare < 0 && config.largestLayerParameters() * bytes <= residentBytes;
        return new Model(checkpoint, device, spare >= 0, Math.max(0, spare), readsAhead, bfloat16);
    }

    public ModelConfig config() {
        return weights.config();
    }

    /** @throws IllegalStateException where the weights are no Hugging Face checkpoint */
    public Checkpoint checkpoint() {
        if (weights instanceof Checkpoint checkpoint) {
            return checkpoint;
        }
        throw new IllegalStateException("these weights are no Hugging Face checkpoint");
    }

    public Device device() {
        return manager.getDevice();
    }

    public boolean isResident() {
        return resident;
    }

    /** Whether a layer is being read although nobody has asked for it yet. */
    boolean isComing(int layer) {
        return ahead != null && ahead.isComing(layer);
    }

    /** Bytes beside the weights that a pass may fill with what autograd keeps. */
    long spareBytes() {
        return spareBytes;
    }

    /** A manager for one piece of work; a child of this model's, to be closed before it. */
    public NDManager newScope() {
        return manager.newSubManager();
    }

    public Embedding embedding() {
        return embedding;
    }

    public DecoderBlock decoder() {
        return decoder;
    }

    public Head head() {
        return head;
    }

    /** Rotary tables and masks for sequences with branches, filled up to a length; they live in {@code scope}. */
    Positions positions(NDManager scope, List<Branches> branches, int length) {
        return new Positions(scope, config(), branches, length);
    }

    /** Rotary tables and masks for positions {@code start..start+length-1}; they live in {@code scope}. */
    public Positions positions(NDManager scope, int start, int length) {
        return new Positions(scope, config(), start, length);
    }

    /**
     * The weights of a layer. Streamed ones live in {@code scope}; call {@link #release} after closing it. Never change
     * them in place: they may be the file itself.
     */
    public BlockWeights block(NDManager scope, int layer) {
        if (resident) {
            return blocks.computeIfAbsent(layer, l -> load(manager, l, new ReadAhead.Ticket()));
        }
        return ahead == null ? load(scope, layer, new ReadAhead.Ticket()) : ahead.block(scope, layer);
    }

    /** Drops the file pages of a layer that was loaded, so that the resident set does not grow with the model. */
    public void release(int layer) {
        if (!resident) {
            config().layerTensors(layer).forEach(weights::unload);
            trim();
        }
    }

    /**
     * Gives what was freed back to the operating system where the model is streamed: blocks leave gaps of many sizes behind, so
     * that the resident set would grow from one to the next.
     */
    void trim() {
        if (!resident) {
            Torch.trim();
        }
    }

    @Override
    public void close() {
        if (ahead != null) {
            ahead.close();
        }
        manager.close();
        weights.close();
        Torch.trim();
    }

    private BlockWeights load(NDManager target, int layer, ReadAhead.Ticket ticket) {
        var arrays = new EnumMap<Role, NDArray>(Role.class);
        for (Map.Entry<Role, TensorSpec> role : config().layerRoles(layer).entrySet()) {
            if (!ticket.wanted()) {
                return null;
            }
            if (ahead != null) {
                weights.preload(role.getValue());
            }
            arrays.put(role.getKey(), load(target, role.getValue(), role.getKey()));
        }
        return new BlockWeights(layer, config().layers().get(layer), arrays);
    }

    private NDArray load(NDManager target, TensorSpec tensor, Role role) {
        return bfloat16 && role.isMatrix()
                ? weights.loadBfloat16(target, tensor, role)
                : weights.load(target, tensor, role);
    }
}
