package io.espalier.model.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.convert.TokenizerSource;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokenizer metadata of a GGUF file, from {@code tokenizer.json} or what stands in for it. Two kinds are known: BPE with byte fallback
 * (sentencepiece's, model {@code llama}) and byte-level BPE (model {@code gpt2}).
 */
final class GgufTokenizer {
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;

    private final JsonNode tokenizer;
    private final JsonNode settings;
    private final ModelConfig config;

    GgufTokenizer(Path folder, ModelConfig config) {
        TokenizerSource source = TokenizerSource.find(folder);
        this.tokenizer = source.json();
        this.settings = source.config();
        this.config = config;
    }

    void describe(GgufWriter file) {
        String type = tokenizer.path("model").path("type").asText();
        if (!type.equals("BPE")) {
            throw new UnsupportedModelException("gguf: tokenizer.json has a model of type '" + type
                    + "'; only BPE can be written");
        }
        boolean byteFallback = tokenizer.path("model").path("byte_fallback").asBoolean();
        if (!byteFallback && !tokenizer.path("decoder").toString().contains("ByteLevel")) {
            throw new UnsupportedModelException("gguf: the tokenizer is a BPE without bytes for unknown characters; "
                    + "only those with byte fallback and byte-level ones can be written");
        }
        List<String> tokens = tokens();
        file.put("tokenizer.ggml.model", byteFallback ? "llama" : "gpt2");
        file.put("tokenizer.ggml.pre", byteFallback ? "default" : preTokenizer());
        file.put("tokenizer.ggml.tokens", tokens);
        if (byteFallback) {
            file.put("tokenizer.ggml.scores", scores(tokens));
        } else {
            file.put("tokenizer.ggml.merges", merges().stream().map(m -> m[0] + " " + m[1]).toList());
        }
        file.put("tokenizer.ggml.token_type", types(tokens));
        specialTokens(file, tokens);
    }

    /** By id; ids without a token, up to the width of the embedding, get a name nobody writes. */
    private List<String> tokens() {
        List<String> tokens = new ArrayList<>(Collections.nCopies(config.vocabularySize(), null));
        tokenizer.path("model").path("vocab").properties().forEach(e -> set(tokens, e.getValue().asInt(), e.getKey()));
        tokenizer.path("added_tokens").forEach(t -> set(tokens, t.path("id").asInt(), t.path("content").asText()));
        for (int id = 0; id < tokens.size(); id++) {
            if (tokens.get(id) == null) {
                tokens.set(id, "[PAD" + id + "]");
            }
        }
        return tokens;
    }

    private void set(List<String> tokens, int id, String token) {
        if (id >= tokens.size()) {
            throw new InvalidCheckpointException("tokenizer.json: token '" + token + "' has id " + id
                    + ", but the embedding has only " + tokens.size() + " rows");
        }
        tokens.set(id, token);
    }

    /** The merge that makes a token earlier gives it a higher score: then sentencepiece's order is that of the merges. */
    private float[] scores(List<String> tokens) {
        Map<String, Integer> rank = new HashMap<>();
        List<String[]> merges = merges();
        for (int i = 0; i < merges.size(); i++) {
            rank.putIfAbsent(merges.get(i)[0] + merges.get(i)[1], i);
        }
        float[] scores = new float[tokens.size()];
        for (int id = 0; id < scores.length; id++) {
            scores[id] = -rank.getOrDefault(tokens.get(id), merges.size());
        }
        return scores;
    }

    /** Newer files hold pairs, older ones two words with a blank between. */
    private List<String[]> merges() {
        List<String[]> merges = new ArrayList<>();
        for (JsonNode merge : tokenizer.path("model").path("merges")) {
            merges.add(merge.isArray()
                    ? new String[]{merge.get(0).asText(), merge.get(1).asText()}
                    : merge.asText().split(" ", 2));
        }
        return merges;
    }

    private int[] types(List<String> tokens) {
        Map<Integer, Boolean> added = new HashMap<>();
        tokenizer.path("added_tokens").forEach(t -> added.put(t.path("id").asInt(), t.path("special").asBoolean()));
        String unknown = tokenizer.path("model").path("unk_token").asText(null);
        int[] types = new int[tokens.size()];
        for (int id = 0; id < types.length; id++) {
            String token = tokens.get(id);
            types[id] = token.equals(unknown)
                    ? UNKNOWN
                    : added.containsKey(id)
                            ? added.get(id) ? CONTROL : USER_DEFINED
                            : token.matches("<0x[0-9A-F]{2}>")
                                    ? BYTE
                                    : token.equals("[PAD" + id + "]") ? UNUSED : NORMAL;
        }
        return types;
    }

    private void specialTokens(GgufWriter file, List<String> tokens) {
        putId(file, "bos", config.bosId(), tokens, "bos_token");
        putId(file, "eos", config.eosIds().isEmpty() ? null : config.eosIds().getFirst(), tokens, "eos_token");
        putId(file, "unknown", null, tokens, "unk_token");
        putId(file, "padding", null, tokens, "pad_token");
        if (settings.path("add_bos_token").isBoolean()) {
            file.put("tokenizer.ggml.add_bos_token", settings.path("add_bos_token").booleanValue());
        }
        if (settings.path("add_eos_token").isBoolean()) {
            file.put("tokenizer.ggml.add_eos_token", settings.path("add_eos_token").booleanValue());
        }
        if (settings.path("chat_template").isTextual()) {
            file.put("tokenizer.chat_template", settings.path("chat_template").textValue());
        }
    }

    private void putId(GgufWriter file, String name, Integer known, List<String> tokens, String setting) {
        JsonNode token = settings.path(setting);
        int id = known != null
                ? known
                : tokens.indexOf(token.isObject()
                        ? token.path("content").asText()
                        : token.asText());
        if (id >= 0) {
            file.put("tokenizer.ggml." + name + "_token_id", id);
        }
    }

    /** llama.cpp knows regular expressions of pre-tokenizers by name only. */
    private String preTokenizer() {
        String text = tokenizer.path("pre_tokenizer").toString();
        if (text.contains("\\\\p{N}{1,3}")) {
            return "llama-bpe";
        }
        if (text.contains("(?i:'s|'t|'re|'ve|'m|'ll|'d)") && text.contains("\\\\p{N}|")) {
            return "qwen2";
        }
        return "gpt-2";
    }
}
