package io.espalier.pruning.recovery;

import io.espalier.model.config.Role;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.SideFiles;
import io.espalier.model.weights.TensorHeader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/** A copy of a model in which the last third of each up_proj is zero: worse, but not hopeless. */
final class DamagedModel {
    private DamagedModel() {}

    static void write(Path from, Path to) throws IOException {
        try (Checkpoint source = Checkpoint.open(from)) {
            var headers = source.config().tensors().stream()
                    .map(t -> new TensorHeader(t.name(), source.info(t).dtype(), source.info(t).shape())).toList();
            try (var writer = CheckpointWriter.create(to, headers, CheckpointWriter.DEFAULT_SHARD_BYTES)) {
                for (TensorSpec tensor : source.config().tensors()) {
                    float[] values = source.segment(tensor).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
                    if (tensor.holds(Role.UP)) {
                        Arrays.fill(values, values.length * 2 / 3, values.length, 0);
                    }
                    writer.append(tensor.name(), MemorySegment.ofArray(values));
                }
                writer.commit();
            }
        }
        SideFiles.copy(from, to);
    }
}
