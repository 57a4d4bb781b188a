package io.espalier.eval;

import ai.djl.Device;
import io.espalier.model.forward.Model;
import io.espalier.protocol.message.ModelSource;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens the models of tasks.
 *
 * @param residentBytes fp32 weights that may stay in memory; larger models are streamed
 */
public record Models(Device device, long residentBytes) {
    Path folder(ModelSource source, TaskContext context) throws IOException, PermanentFailureException {
        return Locations.model(source, context.artifacts());
    }

    Model open(Path folder) {
        return Model.open(folder, device, residentBytes);
    }
}
