package io.espalier.pruning;

import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.TensorInfo;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** Models and numbers that tests share. */
public final class Fixtures {
    /** The stories260K model: 5 layers, 8 query heads, 4 KV heads of 8, 172 channels, hidden size 64. */
    public static final Path STORIES = Path.of("../../examples/models/stories");
    /** LLM-Pruner's scores of the stories model by Python torch in fp64: tools/golden/importance.py. */
    public static final Path IMPORTANCE = Path.of("src/test/resources/golden/importance.safetensors");

    private Fixtures() {}

    /** A matrix of F64, row by row. */
    public static double[][] matrix(Path file, String name) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            TensorInfo info = tensors.tensor(name);
            double[] flat = tensors.segment(info).toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
            double[][] rows = new double[(int) info.shape()[0]][(int) info.shape()[1]];
            for (int i = 0; i < flat.length; i++) {
                rows[i / rows[0].length][i % rows[0].length] = flat[i];
            }
            return rows;
        }
    }

    /** Token ids, I32 [samples, length]. */
    public static int[][] tokens(Path file) {
        try (SafetensorsFile tensors = SafetensorsFile.open(file)) {
            TensorInfo info = tensors.tensor("tokens");
            int[] flat = tensors.segment(info).toArray(ValueLayout.JAVA_INT_UNALIGNED);
            int length = (int) info.shape()[1];
            int[][] rows = new int[flat.length / length][length];
            for (int i = 0; i < flat.length; i++) {
                rows[i / length][i % length] = flat[i];
            }
            return rows;
        }
    }
}
