package io.espalier.model.weights;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.DType;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.engine.Bfloat16;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint folder opened for reading: the config, and every tensor by name through memory maps. Opening checks that
 * all tensors of the config are there with the right shapes; it reads no weights.
 *
 * <p>
 * Tensors loaded without a copy live in the map: close their manager before the checkpoint.
 */
public final class Checkpoint implements WeightSource {
    private final Path folder;
    private final ModelConfig config;
    private final List<SafetensorsFile> files;
    private final Map<String, SafetensorsFile> fileOf = new LinkedHashMap<>();
    private final boolean crowdsCache;

    private Checkpoint(Path folder, ModelConfig config, List<SafetensorsFile> files) {
        this.folder = folder;
        this.config = config;
        this.files = files;
        files.forEach(file -> file.tensors().keySet().forEach(name -> fileOf.put(name, file)));
        config.tensors().forEach(this::check);
        this.crowdsCache = PageCache.isCrowdedBy(bytes());
    }

    /**
     * @throws InvalidCheckpointException where a file is missing, truncated or contradicts itself or the config
     * @throws io.espalier.model.config.UnsupportedModelException where the config asks for what the decoder cannot do
     */
    public static Checkpoint open(Path folder) {
        ModelConfig config = ModelConfig.read(folder);
        List<SafetensorsFile> files = new CheckpointFiles(folder).open();
        try {
            return new Checkpoint(folder, config, files);
        } catch (RuntimeException e) {
            files.forEach(SafetensorsFile::close);
            throw e;
        }
    }

    public Path folder() {
        return folder;
    }

    @Override
    public ModelConfig config() {
        return config;
    }

    /** What the file says about a tensor of the config. */
    public TensorInfo info(TensorSpec tensor) {
        String name = storedName(tensor);
        return fileOf.get(name).tensor(name);
    }

    /** The bytes of a tensor in its own type, in the map. */
    public MemorySegment segment(TensorSpec tensor) {
        return fileOf.get(storedName(tensor)).segment(info(tensor));
    }

    /** Some rows of a tensor, in the map. */
    public MemorySegment rows(TensorSpec tensor, long first, long count) {
        TensorInfo info = info(tensor);
        long rowBytes = info.rowElements() * info.dtype().bytes();
        return segment(tensor).asSlice(first * rowBytes, count * rowBytes);
    }

    /** One role of a layer as fp32; without a copy where it is stored so. */
    @Override
    public NDArray load(NDManager manager, TensorSpec tensor, Role role) {
        TensorSpec.Part part = tensor.part(role);
        return load(manager, tensor, part.offset(), part.rows());
    }

    /** Without a copy where it is stored so on the CPU. */
    @Override
    public NDArray loadBfloat16(NDManager manager, TensorSpec tensor, Role role) {
        TensorSpec.Part part = tensor.part(role);
        MemorySegment stored = rows(tensor, part.offset(), part.rows());
        boolean usable = info(tensor).dtype() == DType.BF16 && stored.address() % Short.BYTES == 0
                && manager.getDevice().equals(Device.cpu());
        if (!usable) {
            return WeightSource.super.loadBfloat16(manager, tensor, role);
        }
        stored.load(); // in one go, not page by page
        long[] shape = info(tensor).shape();
        shape[0] = part.rows();
        return Bfloat16.view(manager, stored, shape);
    }

    /**
     * Some rows of a tensor as fp32; without a copy where it is stored so on the CPU. Pages that were widened are dropped
     * from this process at once: nobody needs them beside their fp32 copy.
     */
    @Override
    public NDArray load(NDManager manager, TensorSpec tensor, long firstRow, long rows) {
        long[] shape = info(tensor).shape();
        shape[0] = rows;
        MemorySegment stored = rows(tensor, firstRow, rows);
        if (info(tensor).dtype() == DType.F32) {
            return Widening.toFloat(manager, stored, DType.F32, shape);
        }
        stored.load(); // in one go, not page by page
        NDArray array = Widening.toFloat(manager, stored, info(tensor).dtype(), shape);
        stored.unload();
        return array;
    }

    @Override
    public void preload(TensorSpec tensor) {
        if (info(tensor).dtype() == DType.F32) {
            segment(tensor).load();
        }
    }

    @Override
    public void readRow(TensorSpec tensor, long row, float[] target, int at) {
        TensorInfo info = info(tensor);
        Widening.toFloats(rows(tensor, row, 1), info.dtype(), MemorySegment.ofArray(target), at,
                info.rowElements());
    }

    @Override
    public void unload(TensorSpec tensor) {
        segment(tensor).unload();
        if (crowdsCache) {
            fileOf.get(storedName(tensor)).dropFromCache(info(tensor));
        }
    }

    /**
     * Looks at every weight of a tensor.
     *
     * @throws InvalidCheckpointException where one is not finite
     */
    public void checkFinite(TensorSpec tensor) {
        long at = Finite.firstOffender(segment(tensor), info(tensor).dtype());
        if (at >= 0) {
            throw new InvalidCheckpointException(
                    folder + ": " + tensor.name() + " holds NaN or infinity at element " + at);
        }
    }

    /** SHA-256 over names and contents of all files of the folder: the same wherever it lies. */
    public String digest() {
        return ContentDigest.ofFolder(folder);
    }

    /** Bytes of all tensors as stored. */
    public long bytes() {
        return files.stream().flatMap(f -> f.tensors().values().stream()).mapToLong(TensorInfo::bytes).sum();
    }

    @Override
    public void close() {
        files.forEach(SafetensorsFile::close);
    }

    /** A tied matrix may be stored under the name of either end. */
    private String storedName(TensorSpec tensor) {
        if (fileOf.containsKey(tensor.name())) {
            return tensor.name();
        }
        String head = config.family().head() + ".weight";
        if (config.tiedEmbeddings() && tensor.holds(Role.EMBEDDING) && fileOf.containsKey(head)) {
            return head;
        }
        throw new InvalidCheckpointException(folder + ": tensor " + tensor.name() + " is missing");
    }

    private void check(TensorSpec tensor) {
        TensorInfo info = info(tensor);
        if (!Arrays.equals(info.shape(), config.shape(tensor))) {
            throw new InvalidCheckpointException(folder + ": " + info + " does not fit config.json, which gives "
                    + Arrays.toString(config.shape(tensor)));
        }
        if (!info.dtype().isWeight()) {
            throw new InvalidCheckpointException(folder + ": " + info + ": weights must be F32, F16 or BF16");
        }
    }
}
