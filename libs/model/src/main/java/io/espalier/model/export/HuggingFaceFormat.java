package io.espalier.model.export;

import ai.djl.Device;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** A layout of a Hugging Face checkpoint folder: how {@code config.json} says which widths the layers have. */
abstract class HuggingFaceFormat implements ExportFormat {
    /** Sums of fp32 in another order, where zeros stand between. */
    private static final double ROUNDING = 1e-4;

    private final String name;

    HuggingFaceFormat(String name) {
        this.name = name;
    }

    abstract void write(HuggingFaceFolder folder) throws IOException;

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final boolean isFolder() {
        return true;
    }

    @Override
    public final void write(Checkpoint checkpoint, Path folder) throws IOException {
        write(checkpoint, folder, CheckpointWriter.DEFAULT_SHARD_BYTES);
    }

    final void write(Checkpoint checkpoint, Path folder, long shardBytes) throws IOException {
        check(checkpoint.config());
        write(new HuggingFaceFolder(checkpoint, folder, shardBytes));
    }

    @Override
    public final Model open(Path folder, ModelConfig written, Device device) {
        return Model.streamed(folder, device);
    }

    @Override
    public final double tolerance(ModelConfig config) {
        return ROUNDING;
    }

    final void checkFamily(ModelConfig config, Set<String> families) {
        if (!families.contains(config.family().modelType())) {
            throw new UnsupportedModelException("output.formats: " + name + " cannot hold family '"
                    + config.family().modelType() + "', only " + String.join(", ", new TreeSet<>(families)));
        }
    }

    final void checkWholeHeads(ModelConfig config) {
        Widths.checkWholeHeads(name, config);
    }

    /** Whether ordinary keys of {@code config.json} describe the model, and transformers takes them. */
    static boolean isStock(ModelConfig config) {
        LayerShape widths = config.layers().getFirst();
        return config.isUniform() && widths.headDims() == null && widths.queryHeads() > 0 && widths.channels() > 0
                && (!config.family().modelType().equals("llama")
                        || config.hiddenSize() % widths.queryHeads() == 0);
    }
}
