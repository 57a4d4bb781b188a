package io.espalier.model;

import io.espalier.model.config.DType;
import io.espalier.model.weights.SafetensorsFile;
import io.espalier.model.weights.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

/** What transformers computed; see tools/golden. */
public final class Golden implements AutoCloseable {
    public static final Path STORIES = Path.of("../../examples/models/stories");

    private static final List<String> MODELS = List.of("stories", "llama3", "llama-tied", "mistral", "mistral-window",
            "qwen2", "qwen2-yarn", "qwen3", "phi3",
            "phi3-longrope", "gemma", "gemma2", "glm", "glm4", "chatglm", "chatglm-32k", "baichuan");

    private final SafetensorsFile expected;

    public Golden(String name) {
        this.expected = SafetensorsFile.open(folder(name).resolve("expected.safetensors"));
    }

    /** Models with logits and gradients. */
    public static List<String> models() {
        return MODELS;
    }

    /** Folder of a golden checkpoint. */
    public static Path folder(String name) {
        return Path.of("src/test/resources/golden").resolve(name);
    }

    /** The checkpoint itself. */
    public static Path model(String name) {
        return name.equals("stories") ? STORIES : folder(name);
    }

    /** [B][T] */
    public int[][] tokens() {
        TensorInfo info = expected.tensor("tokens");
        int[] flat = expected.segment(info).toArray(ValueLayout.JAVA_INT_UNALIGNED);
        int length = (int) info.shape()[1];
        var tokens = new int[(int) info.shape()[0]][length];
        for (int i = 0; i < tokens.length; i++) {
            System.arraycopy(flat, i * length, tokens[i], 0, length);
        }
        return tokens;
    }

    public float[] floats(String name) {
        TensorInfo info = expected.tensor(name);
        if (info.dtype() != DType.F32) {
            throw new IllegalStateException(info.toString());
        }
        MemorySegment data = expected.segment(info);
        return data.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }

    public double loss() {
        return floats("loss")[0];
    }

    /** Weights whose gradients are known. */
    public List<String> gradients() {
        return expected.tensors().keySet().stream().filter(n -> n.startsWith("grad."))
                .map(n -> n.substring("grad.".length())).toList();
    }

    public float[] gradient(String weight) {
        return floats("grad." + weight);
    }

    /** Largest difference of two arrays, as a share of the largest expected magnitude. */
    public static double difference(float[] actual, float[] expected) {
        if (actual.length != expected.length) {
            throw new AssertionError(actual.length + " values, expected " + expected.length);
        }
        double difference = 0;
        double scale = 0;
        for (int i = 0; i < actual.length; i++) {
            difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
            scale = Math.max(scale, Math.abs(expected[i]));
            if (Float.isNaN(actual[i])) {
                return Double.POSITIVE_INFINITY;
            }
        }
        return difference / scale;
    }

    @Override
    public void close() {
        expected.close();
    }
}
