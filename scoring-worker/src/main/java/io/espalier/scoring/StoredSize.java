package io.espalier.scoring;

import io.espalier.model.config.ModelConfig;
import io.espalier.model.weights.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How large a checkpoint's weights are as stored. */
final class StoredSize {
    private StoredSize() {}

    /** Of the stored weights; where there are none, of the type that config.json names. */
    static double bytesPerParameter(Path folder) throws IOException {
        if (!hasWeights(folder)) {
            return ModelConfig.read(folder).dtype().bytes();
        }
        try (Checkpoint checkpoint = Checkpoint.open(folder)) {
            return bytesPerParameter(checkpoint);
        }
    }

    static double bytesPerParameter(Checkpoint checkpoint) {
        return (double) checkpoint.bytes() / checkpoint.config().parameters();
    }

    /** Without, a folder can be checked by its shapes only. */
    static boolean hasWeights(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.anyMatch(file -> file.getFileName().toString().contains(".safetensors"));
        }
    }
}
