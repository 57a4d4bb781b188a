package io.espalier.model.export;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.convert.TokenizerSource;
import java.io.IOException;
import java.nio.file.Files;
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
    private final String chatTemplate;

    GgufTokenizer(Path folder, ModelConfig config) {
        TokenizerSource source = TokenizerSource.find(folder);
        this.tokenizer = source.json();
        this.settings = source.config();
        this.config = config;
        Path template = folder.resolve("chat_template.jinja");
        this.chatTemplate = Files.exists(template) ? text(template) : null;
    }

    /** @throws UnsupportedModelException for a tokenizer that llama.cpp has no equal of */
    void check() {
        String type = tokenizer.path("model").path("type").asText();
        if (!type.equals("BPE")) {
            throw new UnsupportedModelException("output.formats: gguf: tokenizer.json has a model of type '" + type
                    + "'; only BPE can be written");
        }
        if (!isSentencePiece()) {
            GgufPreTokenizer.of(tokenizer);
        }
        tokens();
    }

    void describe(GgufWriter file) {
        check();
        List<String> tokens = tokens();
        file.put("tokenizer.ggml.model", isSentencePiece() ? "llama" : "gpt2");
        file.put("tokenizer.ggml.pre", isSentencePiece() ? "default" : GgufPreTokenizer.of(tokenizer));
        file.put("tokenizer.ggml.tokens", tokens);
        if (isSentencePiece()) {
            file.put("tokenizer.ggml.scores", scores(tokens));
            file.put("tokenizer.ggml.add_space_prefix", addsSpace());
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
        Integer bos = id(config.bosId(), tokens, "bos_token");
        Integer eos = id(config.eosIds().isEmpty() ? null : config.eosIds().getFirst(), tokens, "eos_token");
        put(file, "bos", bos);
        put(file, "eos", eos);
        put(file, "unknown", unknown(tokens));
        put(file, "padding", id(null, tokens, "pad_token"));
        file.put("tokenizer.ggml.add_bos_token", adds("add_bos_token", bos, true));
        file.put("tokenizer.ggml.add_eos_token", adds("add_eos_token", eos, false));
        if (settings.path("chat_template").isTextual()) {
            file.put("tokenizer.chat_template", settings.path("chat_template").textValue());
        } else if (chatTemplate != null) {
            file.put("tokenizer.chat_template", chatTemplate);
        }
    }

    private Integer unknown(List<String> tokens) {
        int id = tokens.indexOf(tokenizer.path("model").path("unk_token").asText());
        return id >= 0 ? Integer.valueOf(id) : id(null, tokens, "unk_token");
    }

    /** Null where there is none. */
    private Integer id(Integer known, List<String> tokens, String setting) {
        JsonNode token = settings.path(setting);
        int id = known != null
                ? known
                : tokens.indexOf(token.isObject() ? token.path("content").asText() : token.asText());
        return id < 0 ? null : id;
    }

    private static void put(GgufWriter file, String name, Integer id) {
        if (id != null) {
            file.put("tokenizer.ggml." + name + "_token_id", id);
        }
    }

    private boolean isSentencePiece() {
        return tokenizer.path("model").path("byte_fallback").asBoolean();
    }

    /** Whether the text gets a blank in front, as sentencepiece does it: by the normalizer, or by Metaspace. */
    private boolean addsSpace() {
        boolean prepends = !tokenizer.path("normalizer").findValuesAsText("prepend").isEmpty();
        List<String> schemes = tokenizer.path("pre_tokenizer").findValuesAsText("prepend_scheme");
        List<JsonNode> older = tokenizer.path("pre_tokenizer").findValues("add_prefix_space");
        return prepends || schemes.stream().anyMatch(scheme -> !scheme.equals("never"))
                || schemes.isEmpty() && older.stream().anyMatch(JsonNode::booleanValue);
    }

    /** As transformers does it: what the settings say, otherwise what the post-processor adds. */
    private boolean adds(String setting, Integer id, boolean first) {
        if (settings.path(setting).isBoolean()) {
            return settings.path(setting).booleanValue();
        }
        for (JsonNode template : tokenizer.path("post_processor").findValues("single")) {
            JsonNode end = template.path(first ? 0 : template.size() - 1).path("SpecialToken").path("id");
            JsonNode ids = tokenizer.path("post_processor").findPath("special_tokens").path(end.asText()).path("ids");
            if (id != null && ids.path(0).asInt(-1) == id) {
                return true;
            }
        }
        return false;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InvalidCheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
