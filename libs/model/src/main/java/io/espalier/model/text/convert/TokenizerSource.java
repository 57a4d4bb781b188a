package io.espalier.model.text.convert;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The tokenizer of a checkpoint folder in the form of {@code tokenizer.json}: the file itself, or made of sentencepiece's
 * {@code tokenizer.model}, or of {@code vocab.json} and {@code merges.txt}.
 *
 * <p>
 * What is made puts BOS in front where transformers' slow tokenizers of that class do so by default, and ChatGLM's prefix.
 *
 * @param file   where it comes from
 * @param json   in the form of {@code tokenizer.json}
 * @param config {@code tokenizer_config.json}; empty where there is none
 */
public record TokenizerSource(Path file, JsonNode json, JsonNode config) {
    private static final ObjectMapper MAPPER = new ObjectMapper()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final String TOKENIZER = "tokenizer.json";
    private static final List<String> SENTENCEPIECE = List.of("tokenizer.model", "spiece.model",
            "sentencepiece.bpe.model");
    /** Classes whose {@code add_bos_token} is true where nothing is said. */
    private static final Set<String> WITH_BOS = Set.of("", "LlamaTokenizer", "LlamaTokenizerFast", "CodeLlamaTokenizer",
            "GemmaTokenizer", "BaichuanTokenizer", "BaiChuanTokenizer");
    /** Behind the vocabulary of ChatGLM2 and 3, in this order; the second and the fourth come in front of every text. */
    private static final List<String> CHATGLM_TOKENS = List.of("[MASK]", "[gMASK]", "[sMASK]", "sop", "eop");

    /** @throws InvalidCheckpointException where there is no tokenizer, or a broken one */
    public static TokenizerSource find(Path folder) {
        TokenizerSource source = any(folder);
        Hazards.refuse(source.file, source.json);
        return source;
    }

    private static TokenizerSource any(Path folder) {
        JsonNode config = object(folder.resolve("tokenizer_config.json"));
        Path file = folder.resolve(TOKENIZER);
        if (Files.exists(file)) {
            return new TokenizerSource(file, object(file), config);
        }
        for (String name : SENTENCEPIECE) {
            if (Files.exists(folder.resolve(name))) {
                return ofSentencePiece(folder.resolve(name), config);
            }
        }
        if (Files.exists(folder.resolve("vocab.json")) && Files.exists(folder.resolve("merges.txt"))) {
            return ofByteLevel(folder.resolve("vocab.json"), config);
        }
        throw new InvalidCheckpointException(folder + ": no tokenizer; " + TOKENIZER + ", " + String.join(", ",
                SENTENCEPIECE) + ", or vocab.json with merges.txt is needed");
    }

    /** Whether it is the file itself and nothing made of another. */
    public boolean isTokenizerJson() {
        return file.endsWith(TOKENIZER);
    }

    /** The id of an added token; -1 where there is none. */
    public int id(String token) {
        return token == null ? -1 : AddedTokens.id(json, token);
    }

    private static TokenizerSource ofSentencePiece(Path file, JsonNode config) {
        var converter = new SentencePieceConverter(file);
        ObjectNode json = converter.convert();
        String name = config.path("tokenizer_class").asText();
        if (name.equals("ChatGLMTokenizer")) {
            int first = json.path("model").path("vocab").size();
            ArrayNode added = json.withArray("added_tokens");
            for (int i = 0; i < CHATGLM_TOKENS.size(); i++) {
                added.add(AddedTokens.token(first + i, CHATGLM_TOKENS.get(i), true));
            }
            json.set("post_processor", prefix(json, List.of(CHATGLM_TOKENS.get(1), CHATGLM_TOKENS.get(3))));
        } else if (WITH_BOS.contains(name) && converter.bos() != null) {
            json.set("post_processor", prefix(json, List.of(converter.bos())));
        }
        AddedTokens.add(json, config, object(file.resolveSibling("added_tokens.json")),
                file.getParent());
        return new TokenizerSource(file, json, config);
    }

    private static TokenizerSource ofByteLevel(Path file, JsonNode config) {
        Path merges = file.resolveSibling("merges.txt");
        try {
            ObjectNode json = ByteLevelConverter.convert(file, object(file), Files.readAllLines(merges),
                    config.path("tokenizer_class").asText());
            AddedTokens.add(json, config, object(file.resolveSibling("added_tokens.json")),
                    file.getParent());
            return new TokenizerSource(file, json, config);
        } catch (IOException e) {
            throw new InvalidCheckpointException(merges + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A post-processor that puts tokens in front of every text. */
    private static ObjectNode prefix(JsonNode json, List<String> tokens) {
        ObjectNode processor = MAPPER.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = processor.putArray("single");
        ArrayNode pair = processor.putArray("pair");
        ObjectNode special = processor.putObject("special_tokens");
        for (String token : tokens) {
            single.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
            pair.addObject().putObject("SpecialToken").put("id", token).put("type_id", 0);
            ObjectNode known = special.putObject(token).put("id", token);
            known.putArray("ids").add(AddedTokens.id(json, token));
            known.putArray("tokens").add(token);
        }
        single.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "A").put("type_id", 0);
        pair.addObject().putObject("Sequence").put("id", "B").put("type_id", 0);
        return processor;
    }

    /** Empty where there is no such file. */
    private static JsonNode object(Path file) {
        if (!Files.exists(file)) {
            return MAPPER.createObjectNode();
        }
        try {
            JsonNode json = MAPPER.readTree(file.toFile());
            if (json == null || !json.isObject()) {
                throw new InvalidCheckpointException(file + ": must be a JSON object");
            }
            return json;
        } catch (JacksonException e) {
            throw new InvalidCheckpointException(file + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new InvalidCheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
