package io.espalier.model.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.text.convert.TokenizerSource;
import io.espalier.model.weights.ContentDigest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * The tokenizer of a checkpoint folder in any of the forms of {@link TokenizerSource}, for any length of text, without
 * truncation or padding.
 *
 * <p>
 * BOS, as transformers does it: {@code add_bos_token} of {@code tokenizer_config.json} decides where it is given, otherwise
 * the post-processor of {@code tokenizer.json}.
 */
public final class Tokenizer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HuggingFaceTokenizer tokenizer;
    private final BosRule bosRule;
    private final int bos;
    private final String digest;

    /** Who decides about BOS, for reports. */
    public enum BosRule {
        /** {@code add_bos_token: true} */
        ALWAYS,
        /** {@code add_bos_token: false} */
        NEVER,
        /** Nothing is said: the post-processor decides. */
        POST_PROCESSOR
    }

    private Tokenizer(HuggingFaceTokenizer tokenizer, BosRule bosRule, int bos, String digest) {
        this.tokenizer = tokenizer;
        this.bosRule = bosRule;
        this.bos = bos;
        this.digest = digest;
    }

    /** @throws InvalidCheckpointException where there is no tokenizer, or a broken one */
    public static Tokenizer open(Path folder) {
        TokenizerSource source = TokenizerSource.find(folder);
        System.setProperty("ai.djl.offline", "true");
        Map<String, String> options = Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "true",
                "modelMaxLength", Integer.toString(Integer.MAX_VALUE));
        try {
            byte[] json = JSON.writeValueAsBytes(source.json());
            var tokenizer = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), options);
            JsonNode bos = source.config().path("bos_token");
            return new Tokenizer(tokenizer, rule(source.config()),
                    source.id(bos.isObject() ? bos.path("content").asText() : bos.asText(null)),
                    source.isTokenizerJson() ? ContentDigest.ofFile(source.file()) : ContentDigest.ofBytes(json));
        } catch (IOException e) {
            throw new InvalidCheckpointException(folder + ": tokenizer cannot be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            throw new InvalidCheckpointException(source.file() + ": not a tokenizer: " + e.getMessage(), e);
        }
    }

    /** Token ids with BOS by {@link #bosRule()} and whatever else the post-processor adds. */
    public int[] encode(String text) {
        int[] ids = ids(text, true);
        if (bosRule == BosRule.ALWAYS && bos >= 0 && (ids.length == 0 || ids[0] != bos)) {
            var all = new int[ids.length + 1];
            all[0] = bos;
            System.arraycopy(ids, 0, all, 1, ids.length);
            return all;
        }
        if (bosRule == BosRule.NEVER && ids.length > 0 && ids[0] == bos) {
            int[] plain = encodePlain(text);
            return plain.length < ids.length ? Arrays.copyOfRange(ids, 1, ids.length) : ids;
        }
        return ids;
    }

    /** Token ids of the text and nothing else. */
    public int[] encodePlain(String text) {
        return ids(text, false);
    }

    /** Text without special tokens. */
    public String decode(int... ids) {
        return tokenizer.decode(Arrays.stream(ids).asLongStream().toArray(), true);
    }

    /** SHA-256 of {@code tokenizer.json}, or of what stands in for it. */
    public String digest() {
        return digest;
    }

    public BosRule bosRule() {
        return bosRule;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private int[] ids(String text, boolean specialTokens) {
        return Arrays.stream(tokenizer.encode(text, specialTokens, false).getIds()).mapToInt(Math::toIntExact)
                .toArray();
    }

    private static BosRule rule(JsonNode config) {
        JsonNode add = config.path("add_bos_token");
        return add.isBoolean() ? add.booleanValue() ? BosRule.ALWAYS : BosRule.NEVER : BosRule.POST_PROCESSOR;
    }
}
