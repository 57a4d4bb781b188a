package io.espalier.model.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Widths of a pruned model; {@code config.json} keeps legal numbers, the manifest the true ones. */
final class PrunedWidths {
    private PrunedWidths() {}

    /** The config with the widths that the manifest gives. */
    static ModelConfig read(Path file, ModelConfig config) {
        ConfigFile manifest = ConfigFile.read(file);
        ModelConfig result = manifest.has("hiddenSize")
                ? config.withHiddenSize(manifest.positive("hiddenSize", config.hiddenSize()))
                : config;
        String key = manifest.has(ModelConfig.STORED_WIDTHS) ? ModelConfig.STORED_WIDTHS : "layers";
        if (!manifest.has(key)) {
            return result;
        }
        JsonNode layers = manifest.get(key);
        if (!layers.isArray() || layers.size() != config.layers().size()) {
            throw manifest.invalid(key, layers.isArray() ? "a list of " + layers.size() : layers,
                    "a list with an entry for each of the " + config.layers().size() + " layers of config.json");
        }
        var shapes = new ArrayList<LayerShape>();
        for (JsonNode layer : layers) {
            try {
                shapes.add(new LayerShape(width(layer, "queryHeads"), width(layer, "kvGroups"),
                        width(layer, "channels"), headDims(layer.get("keptHeadDims"))));
            } catch (IllegalArgumentException e) {
                throw new InvalidCheckpointException(file + ": " + key + "[" + shapes.size() + "]: " + e.getMessage(),
                        e);
            }
        }
        return result.withLayers(shapes);
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
}
