package io.espalier.pruning.method;

import ai.djl.Device;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.Streamer;
import java.nio.file.Path;

/**
 * Where and with how much memory to compute.
 *
 * @param residentBytes a model whose weights in fp32 are no larger stays in memory; larger ones are streamed, the next
 *                      block read ahead where one is no larger
 * @param boundaryBytes activations between blocks beyond this go to disk
 * @param scratch       folder for them; null for the system's
 */
public record Compute(Device device, long residentBytes, long boundaryBytes, Path scratch) {
    /** On the CPU, streaming every model. */
    public static final Compute STREAMED = new Compute(Device.cpu(), 0, 512L << 20, null);

    public Model open(Path folder) {
        return Model.open(folder, device, residentBytes);
    }

    public Streamer streamer(Model model) {
        return new Streamer(model, boundaryBytes, scratch);
    }
}
