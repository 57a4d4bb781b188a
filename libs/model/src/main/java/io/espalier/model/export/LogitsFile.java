package io.espalier.model.export;

import ai.djl.Device;
import io.espalier.model.config.DType;
import io.espalier.model.forward.Model;
import io.espalier.model.weights.SafetensorsWriter;
import io.espalier.model.weights.TensorHeader;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Writes what a model computes to a safetensors file, {@code tokens} [1, T] (I32) and {@code logits} [T, V] (F32), for the
 * scripts in {@code deploy/interop}, which compare other engines with it.
 */
public final class LogitsFile {
    private LogitsFile() {}

    /** Arguments: checkpoint folder, file to write, token ids. */
    public static void main(String[] args) {
        if (args.length < 3) {
            System.err.println("usage: LogitsFile CHECKPOINT_FOLDER FILE TOKEN...");
            System.exit(2);
        }
        int[] tokens = Arrays.stream(args, 2, args.length).mapToInt(Integer::parseInt).toArray();
        try (Model model = Model.streamed(Path.of(args[0]), Device.cpu())) {
            write(Path.of(args[1]), tokens, LoadCheck.logits(model, tokens));
        }
    }

    static void write(Path file, int[] tokens, float[][] logits) {
        var headers = List.of(new TensorHeader("tokens", DType.I32, new long[]{1, tokens.length}),
                new TensorHeader("logits", DType.F32, new long[]{logits.length, logits[0].length}));
        try (var writer = SafetensorsWriter.create(file, headers)) {
            writer.append("tokens", MemorySegment.ofArray(tokens));
            for (float[] row : logits) {
                writer.append("logits", MemorySegment.ofArray(row));
            }
            writer.commit();
        }
    }
}
