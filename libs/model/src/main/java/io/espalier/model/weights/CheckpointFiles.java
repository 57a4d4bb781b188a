package io.espalier.model.weights;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The weight files of a folder: one, or the shards of an index. */
final class CheckpointFiles {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    /** Of a file, in any file system that we know. */
    private static final int LONGEST_NAME = 255;

    private final Path folder;

    CheckpointFiles(Path folder) {
        this.folder = folder;
    }

    List<SafetensorsFile> open() {
        if (Files.exists(folder.resolve(INDEX))) {
            return openShards();
        }
        if (Files.exists(folder.resolve(SINGLE))) {
            return List.of(SafetensorsFile.open(folder.resolve(SINGLE)));
        }
        throw new InvalidCheckpointException(folder + ": neither " + SINGLE + " nor " + INDEX
                + "; a Hugging Face checkpoint with safetensors weights is needed");
    }

    private List<SafetensorsFile> openShards() {
        Map<String, String> shardOf = weightMap();
        var files = new TreeMap<String, SafetensorsFile>();
        try {
            for (Map.Entry<String, String> entry : shardOf.entrySet()) {
                String shard = entry.getValue();
                SafetensorsFile file = files.computeIfAbsent(shard, s -> SafetensorsFile.open(folder.resolve(s)));
                if (!file.tensors().containsKey(entry.getKey())) {
                    throw new InvalidCheckpointException(
                            folder.resolve(INDEX) + ": " + entry.getKey() + " is not in " + shard);
                }
            }
            return new ArrayList<>(files.values());
        } catch (RuntimeException e) {
            files.values().forEach(SafetensorsFile::close);
            throw e;
        }
    }

    private static boolean isPlainName(String name) {
        return !name.isEmpty() && name.length() <= LONGEST_NAME && !name.equals(".") && !name.equals("..")
                && name.chars().noneMatch(
                        c -> c == '/' || c == '\\' || c == 0);
    }

    private Map<String, String> weightMap() {
        Path index = folder.resolve(INDEX);
        try {
            JsonNode map = new ObjectMapper().readTree(index.toFile()).path("weight_map");
            var shards = new TreeMap<String, String>();
            for (Map.Entry<String, JsonNode> entry : map.properties()) {
                String shard = entry.getValue().asText();
                if (!entry.getValue().isTextual() || !isPlainName(shard)) {
                    throw new InvalidCheckpointException(index + ": '" + shard + "' is not a file of this folder");
                }
                shards.put(entry.getKey(), shard);
            }
            if (shards.isEmpty()) {
                throw new InvalidCheckpointException(index + ": weight_map is missing or empty");
            }
            return shards;
        } catch (JacksonException e) {
            throw new InvalidCheckpointException(index + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new InvalidCheckpointException(index + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
