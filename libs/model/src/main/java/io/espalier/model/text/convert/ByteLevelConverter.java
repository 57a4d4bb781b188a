package io.espalier.model.text.convert;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.InvalidCheckpointException;
import java.nio.file.Path;
import java.util.List;

/** Turns {@code vocab.json} and {@code merges.txt}, as GPT-2 introduced them, into {@code tokenizer.json}. */
final class ByteLevelConverter {
    /** Qwen's words: one digit at a time, line ends by themselves. */
    private static final String QWEN = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private ByteLevelConverter() {}

    /**
     * @param vocabulary     ids by token
     * @param merges         lines of {@code merges.txt}
     * @param tokenizerClass of {@code tokenizer_config.json}: which words the text is cut into
     */
    static ObjectNode convert(Path file, JsonNode vocabulary, List<String> merges, String tokenizerClass) {
        if (!vocabulary.isObject() || vocabulary.isEmpty()) {
            throw new InvalidCheckpointException(file + ": must hold an id for each token");
        }
        boolean qwen = tokenizerClass.startsWith("Qwen2");
        ObjectNode json = JSON.objectNode().put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        json.putArray("added_tokens");
        json.set("normalizer", qwen ? step("NFC") : JSON.nullNode());
        json.set("pre_tokenizer", qwen ? qwenWords() : byteLevel(true));
        json.set("post_processor", byteLevel(true).put("trim_offsets", false));
        json.set("decoder", byteLevel(true));
        ObjectNode model = step("BPE");
        for (String key : List.of("dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix")) {
            model.putNull(key);
        }
        model.put("fuse_unk", false).put("byte_fallback", false);
        model.set("vocab", vocabulary);
        ArrayNode pairs = model.putArray("merges");
        merges.stream().filter(line -> !line.startsWith("#version") && !line.isBlank())
                .forEach(line -> pairs.add(pair(file, line)));
        json.set("model", model);
        return json;
    }

    private static ArrayNode pair(Path file, String line) {
        String[] parts = line.split(" ");
        if (parts.length != 2) {
            throw new InvalidCheckpointException(file.resolveSibling("merges.txt") + ": '" + line
                    + "' is not a pair of tokens");
        }
        return JSON.arrayNode().add(parts[0]).add(parts[1]);
    }

    private static ObjectNode qwenWords() {
        ObjectNode split = step("Split");
        split.putObject("pattern").put("Regex", QWEN);
        split.put("behavior", "Isolated").put("invert", false);
        ObjectNode sequence = step("Sequence");
        sequence.putArray("pretokenizers").add(split).add(byteLevel(false));
        return sequence;
    }

    /** @param words whether GPT-2's own words are cut out first */
    private static ObjectNode byteLevel(boolean words) {
        return step("ByteLevel").put("add_prefix_space", false).put("trim_offsets", true).put("use_regex", words);
    }

    private static ObjectNode step(String type) {
        return JSON.objectNode().put("type", type);
    }
}
