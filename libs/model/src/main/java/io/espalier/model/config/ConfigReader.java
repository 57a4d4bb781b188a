package io.espalier.model.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Reads and checks {@code config.json}; every refusal names the key, its value and what would do. */
final class ConfigReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double DEFAULT_THETA = 10_000;
    private static final int DEFAULT_POSITIONS = 2048;

    private final Path folder;
    private final ObjectNode json;

    ConfigReader(Path folder) {
        this.folder = folder;
        this.json = object("config.json");
    }

    ModelConfig read() {
        Family family = Families.of(text("model_type"));
        refuse("quantization_config", "weights must be F32, F16 or BF16: use the unquantized checkpoint");
        int hidden = positive("hidden_size");
        int heads = positive("num_attention_heads");
        int kvHeads = json.hasNonNull("num_key_value_heads") ? positive("num_key_value_heads") : heads;
        if (heads % kvHeads != 0) {
            throw invalid("num_key_value_heads", kvHeads, "a divisor of num_attention_heads (" + heads + ")");
        }
        int headDim = json.hasNonNull("head_dim") ? positive("head_dim") : headDim(hidden, heads);
        List<LayerShape> layers = Collections.nCopies(positive("num_hidden_layers"),
                new LayerShape(heads, kvHeads, positive("intermediate_size")));
        var biases = new ModelConfig.Biases(flag(family.biases().queryKeyValue()), flag(family.biases().output()),
                flag(family.biases().mlp()));
        var config = new ModelConfig(family, hidden, positive("vocab_size"), headDim, layers, epsilon(),
                rope(family, headDim), activation(), biases, json.path("tie_word_embeddings").asBoolean(false),
                positions(), slidingWindow(),
                json.hasNonNull("bos_token_id") ? json.get("bos_token_id").intValue() : null, eosIds(),
                dtype(), json);
        return Files.exists(folder.resolve(ModelConfig.MANIFEST)) ? withManifest(config) : config;
    }

    /** Widths of a pruned model; {@code config.json} keeps legal numbers, the manifest the true ones. */
    private ModelConfig withManifest(ModelConfig config) {
        ObjectNode manifest = object(ModelConfig.MANIFEST);
        var result = config;
        if (manifest.hasNonNull("hiddenSize")) {
            result = result.withHiddenSize(manifest.get("hiddenSize").intValue());
        }
        if (!manifest.hasNonNull("layers")) {
            return result;
        }
        var layers = new ArrayList<LayerShape>();
        for (JsonNode layer : manifest.get("layers")) {
            try {
                layers.add(new LayerShape(width(layer, "queryHeads"), width(layer, "kvGroups"),
                        width(layer, "channels"), headDims(layer.get("keptHeadDims"))));
            } catch (IllegalArgumentException e) {
                throw new InvalidCheckpointException(
                        folder.resolve(ModelConfig.MANIFEST) + ": layers[" + layers.size() + "]: " + e.getMessage(), e);
            }
        }
        return result.withLayers(layers);
    }

    /** Dimensions kept inside heads, one list for each kept KV group; null where heads are whole. */
    private static List<List<Integer>> headDims(JsonNode groups) {
        if (groups == null || groups.isNull()) {
            return null;
        }
        var dims = new ArrayList<List<Integer>>();
        for (JsonNode group : groups) {
            var kept = new ArrayList<Integer>();
            group.forEach(dim -> kept.add(dim.intValue()));
            dims.add(kept);
        }
        return dims;
    }

    private static int width(JsonNode layer, String key) {
        JsonNode value = layer.get(key);
        if (value == null || !value.isInt()) {
            throw new IllegalArgumentException(key + " is " + value + ", must be an integer");
        }
        return value.intValue();
    }

    private int headDim(int hidden, int heads) {
        if (hidden % heads != 0) {
            throw invalid("num_attention_heads", heads,
                    "a divisor of hidden_size (" + hidden + "), or head_dim must be given");
        }
        return hidden / heads;
    }

    private Rope rope(Family family, int headDim) {
        JsonNode parameters = json.hasNonNull("rope_parameters")
                ? json.get("rope_parameters")
                : json.path("rope_scaling");
        double theta = parameters.hasNonNull("rope_theta")
                ? parameters.get("rope_theta").doubleValue()
                : json.path("rope_theta").asDouble(DEFAULT_THETA);
        double share = parameters.hasNonNull("partial_rotary_factor")
                ? parameters.get("partial_rotary_factor").doubleValue()
                : json.path("partial_rotary_factor").asDouble(1);
        return new Rope(theta, (int) (headDim * share), family.interleavedRope(), scaling(parameters));
    }

    private Rope.Scaling scaling(JsonNode parameters) {
        String type = parameters.path("rope_type").asText(parameters.path("type").asText("default"));
        return switch (type) {
            case "default" -> new Rope.Unscaled();
            case "linear" -> new Rope.Linear(number(parameters, "factor"));
            case "llama3" -> new Rope.Llama3(number(parameters, "factor"), number(parameters, "low_freq_factor"),
                    number(parameters, "high_freq_factor"),
                    number(parameters, "original_max_position_embeddings"));
            default -> throw unsupported("rope_scaling.rope_type", type, "default, linear, llama3");
        };
    }

    private Activation activation() {
        String name = json.path("hidden_activation").asText(json.path("hidden_act").asText("silu"));
        return switch (name) {
            case "silu", "swish" -> Activation.SILU;
            case "gelu" -> Activation.GELU;
            case "gelu_pytorch_tanh", "gelu_new" -> Activation.GELU_TANH;
            default -> throw unsupported("hidden_act", name, "silu, gelu, gelu_pytorch_tanh");
        };
    }

    private int positions() {
        return json.hasNonNull("max_position_embeddings") ? positive("max_position_embeddings") : DEFAULT_POSITIONS;
    }

    /** Of all layers; where some layers slide and others do not (Qwen's {@code max_window_layers}), it is refused. */
    private Integer slidingWindow() {
        if (!json.hasNonNull("sliding_window") || !json.path("use_sliding_window").asBoolean(true)) {
            return null;
        }
        refuse("max_window_layers", "sliding windows in some layers only are not supported: set use_sliding_window "
                + "to false where sequences stay within the window");
        return positive("sliding_window");
    }

    private List<Integer> eosIds() {
        JsonNode eos = json.path("eos_token_id");
        var ids = new ArrayList<Integer>();
        if (eos.isArray()) {
            eos.forEach(id -> ids.add(id.intValue()));
        } else if (eos.isInt()) {
            ids.add(eos.intValue());
        }
        return ids;
    }

    private DType dtype() {
        String name = json.path("dtype").asText(json.path("torch_dtype").asText("float32"));
        return DType.ofTorch(name).filter(DType::isWeight)
                .orElseThrow(() -> unsupported("torch_dtype", name, DType.weightTypes()));
    }

    private double epsilon() {
        double eps = json.path("rms_norm_eps").asDouble(1e-6);
        if (!(eps >= 0 && eps < 1)) {
            throw invalid("rms_norm_eps", eps, "a small number, usually 1e-5 or 1e-6");
        }
        return eps;
    }

    private boolean flag(Family.Flag flag) {
        return flag.key() == null ? flag.otherwise() : json.path(flag.key()).asBoolean(flag.otherwise());
    }

    private void refuse(String key, String reason) {
        if (json.hasNonNull(key)) {
            throw new UnsupportedModelException(folder.resolve("config.json") + ": " + key + ": " + reason);
        }
    }

    private String text(String key) {
        JsonNode value = json.get(key);
        if (value == null || !value.isTextual()) {
            throw invalid(key, value, "a string");
        }
        return value.textValue();
    }

    private int positive(String key) {
        JsonNode value = json.get(key);
        if (value == null || !value.isInt() || value.intValue() <= 0) {
            throw invalid(key, value, "a positive integer");
        }
        return value.intValue();
    }

    private double number(JsonNode parent, String key) {
        JsonNode value = parent.get(key);
        if (value == null || !value.isNumber()) {
            throw invalid("rope_scaling." + key, value, "a number");
        }
        return value.doubleValue();
    }

    private ObjectNode object(String name) {
        Path file = folder.resolve(name);
        try {
            if (JSON.readTree(file.toFile()) instanceof ObjectNode object) {
                return object;
            }
            throw new InvalidCheckpointException(file + ": must be a JSON object");
        } catch (JacksonException e) {
            throw new InvalidCheckpointException(file + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (NoSuchFileException | FileNotFoundException e) {
            throw new InvalidCheckpointException(file + ": no such file; a Hugging Face checkpoint folder is needed",
                    e);
        } catch (IOException e) {
            throw new InvalidCheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private InvalidCheckpointException invalid(String key, Object value, String right) {
        return new InvalidCheckpointException(
                folder.resolve("config.json") + ": " + key + " is " + value + ", must be " + right);
    }

    private UnsupportedModelException unsupported(String key, String value, String supported) {
        return new UnsupportedModelException(folder.resolve("config.json") + ": " + key + " '" + value
                + "' is not supported; supported are " + supported);
    }
}
