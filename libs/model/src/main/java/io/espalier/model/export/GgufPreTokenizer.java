package io.espalier.model.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.model.config.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;

/**
 * llama.cpp knows the regular expressions by which byte-level BPE splits text by name only. A wrong name tokenises other
 * than the model was trained, so one that is not known for certain is refused.
 */
final class GgufPreTokenizer {
    private static final String START = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String END = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    /** Llama 3: up to three digits together. */
    private static final String THREE_DIGITS = START + "\\p{N}{1,3}" + END;
    /** Qwen 2: each digit alone. */
    private static final String ONE_DIGIT = START + "\\p{N}" + END;

    private GgufPreTokenizer() {}

    /**
     * {@code tokenizer.ggml.pre} for a tokenizer.json.
     *
     * @throws UnsupportedModelException where there is no name for its pre-tokenizer
     */
    static String of(JsonNode tokenizer) {
        List<JsonNode> steps = steps(tokenizer.path("pre_tokenizer"));
        boolean byteLevel = !steps.isEmpty() && type(steps.getLast()).equals("ByteLevel");
        if (byteLevel && steps.size() == 1 && steps.getFirst().path("use_regex").asBoolean(true)) {
            return "gpt-2";
        }
        if (byteLevel && steps.size() == 2) {
            String regex = steps.getFirst().path("pattern").path("Regex").asText();
            if (regex.equals(ONE_DIGIT)) {
                return "qwen2";
            }
            if (regex.equals(THREE_DIGITS)) {
                // Both split alike; only the first takes whole words of the vocabulary without merging.
                return tokenizer.path("model").path("ignore_merges").asBoolean() ? "llama-bpe" : "dbrx";
            }
            boolean digits = type(steps.getFirst()).equals("Digits");
            if (digits && steps.getFirst().path("individual_digits").asBoolean()) {
                return "smollm";
            }
        }
        throw new UnsupportedModelException("output.formats: gguf: the pre-tokenizer of tokenizer.json has no name in "
                + "llama.cpp that is known here: " + tokenizer.path("pre_tokenizer"));
    }

    private static List<JsonNode> steps(JsonNode preTokenizer) {
        List<JsonNode> steps = new ArrayList<>();
        if (type(preTokenizer).equals("Sequence")) {
            preTokenizer.path("pretokenizers").forEach(steps::add);
        } else if (preTokenizer.isObject()) {
            steps.add(preTokenizer);
        }
        return steps;
    }

    private static String type(JsonNode step) {
        return step.path("type").asText();
    }
}
