package io.espalier.pruning.recovery;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.Narrowing;
import io.espalier.model.weights.SideFiles;
import io.espalier.model.weights.TensorHeader;
import io.espalier.model.weights.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a model with its adapters added to the weights, tensor by tensor: {@code W + scale * B A} in fp32, rounded to the
 * type that W is stored in. A fused tensor gets each role's addition in that role's rows; all other tensors are copied as
 * they are.
 */
final class MergedCheckpoint {
    private final Model model;
    private final Checkpoint source;
    private final Adapters adapters;

    MergedCheckpoint(Model model, Adapters adapters) {
        this.model = model;
        this.source = model.checkpoint();
        this.adapters = adapters;
    }

    /** @param folder empty */
    void write(Path folder, Beat beat) throws IOException, InterruptedException {
        List<TensorSpec> tensors = source.config().tensors();
        List<TensorHeader> headers = tensors.stream().map(this::header).toList();
        try (var writer = CheckpointWriter.create(folder, headers, CheckpointWriter.DEFAULT_SHARD_BYTES)) {
            for (TensorSpec tensor : tensors) {
                beat.run();
                write(tensor, writer);
                source.unload(tensor);
            }
            writer.commit();
        }
        SideFiles.copy(source.folder(), folder);
    }

    private TensorHeader header(TensorSpec tensor) {
        TensorInfo info = source.info(tensor);
        return new TensorHeader(tensor.name(), info.dtype(), info.shape());
    }

    private void write(TensorSpec tensor, CheckpointWriter writer) {
        for (TensorSpec.Part part : tensor.parts()) {
            Adapter adapter = tensor.layer() < 0 ? null : adapters.layer(tensor.layer()).get(part.role());
            if (adapter == null) {
                writer.append(tensor.name(), source.rows(tensor, part.offset(), part.rows()));
            } else {
                writeMerged(tensor, part, adapter, writer);
            }
        }
    }

    private void writeMerged(TensorSpec tensor, TensorSpec.Part part, Adapter adapter, CheckpointWriter writer) {
        try (NDManager scope = model.newScope()) {
            NDArray delta = adapter.delta();
            delta.attach(scope);
            NDArray merged = delta.add(source.load(scope, tensor, part.role()));
            writer.append(tensor.name(), Narrowing.toBytes(merged, source.info(tensor).dtype()));
        }
    }
}
