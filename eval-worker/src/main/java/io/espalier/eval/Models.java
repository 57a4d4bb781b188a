package io.espalier.eval;

import ai.djl.Device;
import io.espalier.model.engine.Bfloat16;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.Model;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.request.ComputeType;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Opens the models of tasks.
 *
 * @param residentBytes weights that may stay in memory; larger models are streamed
 */
public record Models(Device device, long residentBytes) {
    Path folder(ModelSource source, TaskContext context) throws IOException, PermanentFailureException {
        return Locations.model(source, context.artifacts());
    }

    Model open(Path folder) {
        return Model.open(folder, device, residentBytes);
    }

    /** @throws PermanentFailureException where the device has no instructions for {@code dtype} */
    Model open(Path folder, ComputeType dtype) throws PermanentFailureException {
        if (dtype == ComputeType.FLOAT32) {
            return open(folder);
        }
        if (!Bfloat16.isFastOn(device)) {
            throw new PermanentFailureException(
                    "evaluation.dtype bfloat16: the " + (device.isGpu() ? "GPU" : "processor")
                            + " of this worker (" + Torch.name(device)
                            + ") has no instructions for it; use float32, or workers "
                            + "with AVX-512 BF16, AMX or a GPU from Ampere on");
        }
        return Model.openBfloat16(folder, device, residentBytes);
    }
}
