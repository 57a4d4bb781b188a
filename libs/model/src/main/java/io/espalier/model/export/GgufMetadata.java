package io.espalier.model.export;

import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Rope;
import io.espalier.model.config.UnsupportedModelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToIntFunction;

/** What a GGUF file says about a model, apart from its tokenizer: written, and checked when it is read back. */
final class GgufMetadata {
    /** Tensor with what llama.cpp divides each rotary frequency by. */
    static final String FREQUENCY_FACTORS = "rope_freqs.weight";

    private final GgufLayout layout;
    private final ModelConfig config;

    /** @param config with the widths of the layout */
    GgufMetadata(GgufLayout layout, ModelConfig config) {
        this.layout = layout;
        this.config = config;
    }

    /** @throws UnsupportedModelException where llama.cpp rotates otherwise */
    static void check(String format, ModelConfig config) {
        if (config.rope().scaling() instanceof Rope.Yarn || config.rope().scaling() instanceof Rope.LongRope) {
            throw new UnsupportedModelException("output.formats: " + format
                    + " holds rotary scaling of the kinds linear and llama3 only");
        }
        if (config.attention().windows().stream().anyMatch(Objects::nonNull)) {
            throw new UnsupportedModelException("output.formats: " + format
                    + " cannot hold sliding windows; a model that is used within its window loses nothing when "
                    + "sliding_window in config.json is null");
        }
        if (config.rope().interleaved()) {
            throw new UnsupportedModelException("output.formats: " + format
                    + " cannot hold a model that rotates neighbours");
        }
    }

    void describe(GgufWriter file, int fileType) {
        file.put("general.architecture", layout.architecture());
        file.put("general.name", "espalier");
        file.put("general.file_type", fileType);
        values().forEach((key, value) -> {
            switch (value) {
                case Integer number -> file.put(layout.architecture() + "." + key, number);
                case Float number -> file.put(layout.architecture() + "." + key, number);
                case String text -> file.put(layout.architecture() + "." + key, text);
                default -> file.put(layout.architecture() + "." + key, ints((List<?>) value));
            }
        });
    }

    /** @throws InvalidCheckpointException where the file says something else */
    void verify(GgufReader file) {
        verify(file, "general.architecture", layout.architecture());
        values().forEach((key, value) -> verify(file, layout.architecture() + "." + key, value));
        float[] expected = frequencyFactors();
        if (expected.length > 0) {
            float[] stored = new float[expected.length];
            GgufEncoding.decode(file.tensor(FREQUENCY_FACTORS).data(), GgufWriter.Type.F32, 0, stored, 0,
                    stored.length);
            verify(file, FREQUENCY_FACTORS, List.of(expected), List.of(stored));
        }
    }

    private static void verify(GgufReader file, String key, Object value) {
        verify(file, key, value, file.metadata().get(key));
    }

    private static void verify(GgufReader file, String key, Object expected, Object found) {
        if (!Objects.deepEquals(expected instanceof List<?> l ? l.toArray() : expected,
                found instanceof List<?> l ? l.toArray() : found)) {
            throw new InvalidCheckpointException(file.path() + ": " + key + " is " + found + " instead of " + expected);
        }
    }

    private Map<String, Object> values() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("block_count", config.layers().size());
        values.put("context_length", config.maxPositions());
        values.put("embedding_length", config.hiddenSize());
        values.put("vocab_size", config.vocabularySize());
        values.put("attention.head_count", widths(LayerShape::queryHeads));
        values.put("attention.head_count_kv", widths(LayerShape::kvHeads));
        values.put("feed_forward_length", widths(LayerShape::channels));
        values.put("attention.key_length", config.headDim());
        values.put("attention.value_length", config.headDim());
        values.put("rope.dimension_count", config.rope().rotaryDim());
        values.put("attention.layer_norm_rms_epsilon", (float) config.rmsNormEps());
        values.put("rope.freq_base", (float) config.rope().theta());
        if (config.rope().scaling() instanceof Rope.Linear linear) {
            values.put("rope.scaling.type", "linear");
            values.put("rope.scaling.factor", (float) linear.factor());
        }
        return values;
    }

    private Object widths(ToIntFunction<LayerShape> width) {
        List<Integer> widths = config.layers().stream().map(width::applyAsInt).toList();
        return layout.isPerLayer() ? widths : widths.getFirst();
    }

    private static int[] ints(List<?> numbers) {
        return numbers.stream().mapToInt(number -> (Integer) number).toArray();
    }

    /** Empty where frequencies are scaled all alike or not at all. */
    float[] frequencyFactors() {
        Rope rope = config.rope();
        if (!(rope.scaling() instanceof Rope.Llama3)) {
            return new float[0];
        }
        double[] scaled = rope.frequencies();
        float[] factors = new float[scaled.length];
        for (int i = 0; i < factors.length; i++) {
            factors[i] = (float) (Math.pow(rope.theta(), -2.0 * i / rope.rotaryDim()) / scaled[i]);
        }
        return factors;
    }
}
