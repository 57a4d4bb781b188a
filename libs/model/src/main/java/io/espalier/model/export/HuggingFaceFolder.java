package io.espalier.model.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.TensorSpec;
import io.espalier.model.weights.Checkpoint;
import io.espalier.model.weights.CheckpointWriter;
import io.espalier.model.weights.SideFiles;
import io.espalier.model.weights.TensorHeader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Writes a checkpoint as a Hugging Face folder: what lies beside its weights, the weights in the widths wanted, and
 * {@code config.json} as the layout wants it.
 *
 * @param shardBytes weights beyond this size start another file
 */
record HuggingFaceFolder(Checkpoint source, Path folder, long shardBytes) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** As it is. */
    void write(ObjectNode config) throws IOException {
        SideFiles.copy(source.folder(), folder);
        writeWeights(source.config().layers());
        writeJson("config.json", config);
    }

    /**
     * In a layout that tells widths in its own way; the manifest tells them as well.
     *
     * @param widths of each layer; what is wider than the source is filled with zeros
     */
    void write(ObjectNode config, List<LayerShape> widths) throws IOException {
        SideFiles.copy(source.folder(), folder);
        writeWeights(widths);
        writeJson("config.json", config);
        Path manifest = folder.resolve(ModelConfig.MANIFEST);
        ObjectNode json = Files.exists(manifest)
                ? (ObjectNode) JSON.readTree(manifest.toFile())
                : JSON.createObjectNode();
        ArrayNode layers = json.putArray(ModelConfig.STORED_WIDTHS);
        widths.forEach(width -> layers.addObject().put("queryHeads", width.queryHeads())
                .put("kvGroups", width.kvHeads()).put("channels", width.channels()));
        writeJson(ModelConfig.MANIFEST, json);
    }

    void write(TransformersCode code) throws IOException {
        writeCode(code.configuration(), code.file("configuration"), code.words());
        writeCode("modeling.py", code.file("modeling"), code.words());
    }

    private void writeCode(String resource, String name, Map<String, String> words) throws IOException {
        try (InputStream in = HuggingFaceFolder.class.getResourceAsStream(resource)) {
            String code = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> word : words.entrySet()) {
                code = code.replace("@" + word.getKey() + "@", word.getValue());
            }
            Files.writeString(folder.resolve(name + ".py"), code);
        }
    }

    private void writeWeights(List<LayerShape> widths) {
        var weights = new PaddedWeights(source, widths);
        ModelConfig config = weights.config();
        List<TensorHeader> headers = config.tensors().stream()
                .map(t -> new TensorHeader(t.name(), weights.dtype(t), config.shape(t))).toList();
        try (var writer = CheckpointWriter.create(folder, headers, shardBytes)) {
            for (TensorSpec tensor : config.tensors()) {
                for (TensorSpec.Part part : tensor.parts()) {
                    try (Arena arena = Arena.ofConfined()) {
                        writer.append(tensor.name(), weights.part(tensor, part, arena));
                    }
                }
                weights.unload(tensor);
            }
            writer.commit();
        }
    }

    private void writeJson(String name, ObjectNode json) throws IOException {
        Files.writeString(folder.resolve(name), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }
}
