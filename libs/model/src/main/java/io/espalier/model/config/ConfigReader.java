package io.espalier.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;

/** Reads {@code config.json} as its family says it is to be read, and refuses what the decoder cannot run. */
final class ConfigReader {
    private static final int DEFAULT_POSITIONS = 2048;
    private static final int MOST_LAYERS = 10_000;
    private static final int MOST_HEADS = 100_000;
    private static final int MOST_WIDTH = 10_000_000;
    private static final int MOST_TOKENS = 100_000_000;

    private final Path folder;
    private final ConfigFile config;
    private final Family family;
    private final Family.Keys keys;

    ConfigReader(Path folder) {
        this.folder = folder;
        this.config = ExportedConfig.plain(ConfigFile.read(folder.resolve("config.json")));
        this.family = family(config);
        this.keys = family.keys();
    }

    ModelConfig read() {
        family.rules().forEach(this::check);
        int hidden = config.positive(keys.hiddenSize(), MOST_WIDTH);
        int heads = config.positive(keys.queryHeads(), MOST_HEADS);
        int headDim = config.has(keys.headDim())
                ? config.positive(keys.headDim(), MOST_WIDTH)
                : headDim(hidden, heads);
        int layers = config.positive(keys.layers(), MOST_LAYERS);
        int positions = config.has(keys.positions())
                ? config.positive(keys.positions(), Integer.MAX_VALUE)
                : DEFAULT_POSITIONS;
        var shape = new LayerShape(heads, kvHeads(heads), config.positive(keys.channels(), MOST_WIDTH));
        var model = new ModelConfig(family, hidden, config.positive(keys.vocabulary(), MOST_TOKENS), headDim,
                Collections.nCopies(layers, shape), epsilon(),
                new RopeReader(config, family.rope(), positions).read(headDim),
                new AttentionReader(config, family.attention()).read(layers, headDim), activation(), biases(),
                flag(family.tiedEmbeddings()), AttentionReader.number(config, family.logitCap()), positions, bosId(),
                eosIds(), dtype(), config.json());
        return Files.exists(folder.resolve(ModelConfig.MANIFEST))
                ? PrunedWidths.read(folder.resolve(ModelConfig.MANIFEST), model)
                : model;
    }

    private static Family family(ConfigFile config) {
        String type = config.text("model_type");
        return Families.all().stream().filter(f -> f.modelType().equals(type)).findFirst()
                .orElseThrow(() -> config.unsupported("model_type", type, Families.names()));
    }

    private void check(Family.Rule rule) {
        if (!config.has(rule.key())) {
            if (rule.required()) {
                throw config.refused(rule.key(), "is missing: " + rule.because());
            }
            return;
        }
        JsonNode value = config.get(rule.key());
        boolean allowed = rule.allowed() == null || rule.allowed().contains(value);
        if (!allowed || rule.refused().contains(value)) {
            throw config.refused(rule.key(), "is " + value + ", which is not supported: " + rule.because()
                    + supported(rule));
        }
    }

    private static String supported(Family.Rule rule) {
        if (rule.allowed() == null) {
            return "; any other value is";
        }
        return rule.allowed().isEmpty() ? "" : "; supported is " + rule.allowed();
    }

    private int kvHeads(int heads) {
        int kvHeads = config.has(keys.kvHeads()) ? config.positive(keys.kvHeads(), MOST_HEADS) : heads;
        if (heads % kvHeads != 0) {
            throw config.invalid(keys.kvHeads(), kvHeads, "a divisor of " + keys.queryHeads() + " (" + heads + ")");
        }
        return kvHeads;
    }

    private int headDim(int hidden, int heads) {
        if (hidden % heads != 0) {
            throw config.invalid(keys.queryHeads(), heads, "a divisor of " + keys.hiddenSize() + " (" + hidden
                    + "), or " + keys.headDim() + " must be given");
        }
        return hidden / heads;
    }

    private double epsilon() {
        double epsilon = config.has(keys.epsilon()) ? config.number(keys.epsilon()) : 1e-6;
        if (epsilon < 0 || epsilon >= 1) {
            throw config.invalid(keys.epsilon(), epsilon, "a small number, usually 1e-5 or 1e-6");
        }
        return epsilon;
    }

    private Activation activation() {
        Family.ActivationStyle style = family.activation();
        String key = style.keys().stream().filter(config::has).findFirst().orElse(null);
        String name = key == null ? style.otherwise() : config.text(key);
        Activation activation = style.names().get(name);
        if (activation == null) {
            throw config.unsupported(key, name, String.join(", ", new TreeSet<>(style.names().keySet())));
        }
        return activation;
    }

    private ModelConfig.Biases biases() {
        return new ModelConfig.Biases(flag(family.biases().queryKeyValue()), flag(family.biases().output()),
                flag(family.biases().mlp()));
    }

    private boolean flag(Family.Flag flag) {
        return flag.key() == null ? flag.otherwise() : config.flag(flag.key(), flag.otherwise());
    }

    private Integer bosId() {
        return config.get("bos_token_id").isInt() ? config.get("bos_token_id").intValue() : null;
    }

    private List<Integer> eosIds() {
        JsonNode eos = config.get("eos_token_id");
        var ids = new ArrayList<Integer>();
        if (eos.isArray()) {
            eos.forEach(id -> ids.add(id.intValue()));
        } else if (eos.isInt()) {
            ids.add(eos.intValue());
        }
        return ids;
    }

    private DType dtype() {
        String key = config.has("dtype") ? "dtype" : "torch_dtype";
        String name = config.text(key, DType.F32.torchName());
        return DType.ofTorch(name).filter(DType::isWeight)
                .orElseThrow(() -> config.unsupported(key, name, DType.weightTypes()));
    }
}
