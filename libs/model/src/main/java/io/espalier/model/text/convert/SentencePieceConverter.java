package io.espalier.model.text.convert;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.convert.SentencePieceModel.Kind;
import io.espalier.model.text.convert.SentencePieceModel.Piece;
import io.espalier.model.text.convert.SentencePieceModel.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a sentencepiece model into {@code tokenizer.json}. Unigram keeps its scores; for BPE the merges are all pairs of
 * pieces that make a piece, better scores first, as transformers' converters make them.
 */
final class SentencePieceConverter {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String BLANK = "\u2581";

    private final Path file;
    private final SentencePieceModel model;
    private final Map<String, Integer> ids = new HashMap<>();

    SentencePieceConverter(Path file) {
        this.file = file;
        this.model = SentencePieceModel.read(file);
        for (int id = 0; id < model.pieces().size(); id++) {
            ids.putIfAbsent(model.pieces().get(id).text(), id);
        }
    }

    /** A merge of two pieces into one of a score. */
    private record Merge(String left, String right, float score) {}

    ObjectNode convert() {
        if (model.kind() != Kind.UNIGRAM && model.kind() != Kind.BPE || model.blanksAsSuffix()) {
            throw new UnsupportedModelException(file + ": sentencepiece models of type " + model.kind()
                    + (model.blanksAsSuffix() ? " with blanks as suffixes" : "")
                    + " are not supported; supported are UNIGRAM and BPE");
        }
        ObjectNode json = JSON.objectNode().put("version", "1.0");
        json.putNull("truncation");
        json.putNull("padding");
        json.set("added_tokens", addedTokens());
        json.set("normalizer", sequence("normalizers", normalizers()));
        json.putNull("pre_tokenizer");
        json.putNull("post_processor");
        json.set("decoder", sequence("decoders", decoders()));
        json.set("model", model.kind() == Kind.BPE ? bpe() : unigram());
        return json;
    }

    /** Null where the model has none. */
    String bos() {
        return model.bosId() >= 0 && model.bosId() < model.pieces().size()
                ? model.pieces().get(model.bosId()).text()
                : null;
    }

    private ArrayNode addedTokens() {
        ArrayNode added = JSON.arrayNode();
        for (int id = 0; id < model.pieces().size(); id++) {
            Piece piece = model.pieces().get(id);
            if (piece.type() == Type.CONTROL || piece.type() == Type.UNKNOWN || piece.type() == Type.USER_DEFINED) {
                added.add(AddedTokens.token(id, piece.text(), piece.type() != Type.USER_DEFINED));
            }
        }
        return added;
    }

    private List<ObjectNode> normalizers() {
        List<ObjectNode> steps = new ArrayList<>();
        if (model.charsmap().length > 0) {
            steps.add(step("Precompiled").put("precompiled_charsmap",
                    Base64.getEncoder().encodeToString(model.charsmap())));
        }
        if (model.tidyBlanks()) {
            steps.add(replace("Regex", "\\A +| +\\z", ""));
            steps.add(replace("Regex", " {2,}", " "));
        }
        if (model.dummyPrefix()) {
            steps.add(step("Prepend").put("prepend", model.escapeBlanks() ? BLANK : " "));
        }
        if (model.escapeBlanks()) {
            steps.add(replace("String", " ", BLANK));
        }
        return steps;
    }

    private List<ObjectNode> decoders() {
        List<ObjectNode> steps = new ArrayList<>();
        steps.add(replace("String", BLANK, " "));
        steps.add(step("ByteFallback"));
        steps.add(step("Fuse"));
        if (model.dummyPrefix()) {
            steps.add(step("Strip").put("content", " ").put("start", 1).put("stop", 0));
        }
        return steps;
    }

    private ObjectNode unigram() {
        ObjectNode unigram = step("Unigram").put("unk_id", model.unknownId());
        ArrayNode vocabulary = unigram.putArray("vocab");
        model.pieces().forEach(piece -> vocabulary.addArray().add(piece.text()).add((double) piece.score()));
        return unigram.put("byte_fallback", model.byteFallback());
    }

    private ObjectNode bpe() {
        ObjectNode bpe = step("BPE");
        bpe.putNull("dropout");
        bpe.put("unk_token", model.pieces().get(model.unknownId()).text());
        bpe.putNull("continuing_subword_prefix");
        bpe.putNull("end_of_word_suffix");
        bpe.put("fuse_unk", true).put("byte_fallback", model.byteFallback()).put("ignore_merges", false);
        ObjectNode vocabulary = bpe.putObject("vocab");
        for (int id = 0; id < model.pieces().size(); id++) {
            vocabulary.put(model.pieces().get(id).text(), id);
        }
        ArrayNode merges = bpe.putArray("merges");
        merges().forEach(merge -> merges.addArray().add(merge.left).add(merge.right));
        return bpe;
    }

    private List<Merge> merges() {
        List<Merge> merges = new ArrayList<>();
        for (Piece piece : model.pieces()) {
            if (piece.type() == Type.NORMAL) {
                merges.addAll(mergesOf(piece));
            }
        }
        merges.sort(Comparator.comparingDouble((Merge m) -> m.score)
                .thenComparingInt(m -> characters(m.left)).thenComparingInt(m -> characters(m.right)).reversed());
        return merges;
    }

    private List<Merge> mergesOf(Piece piece) {
        List<Merge> merges = new ArrayList<>();
        String text = piece.text();
        for (int i = text.offsetByCodePoints(0, 1); i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            String left = text.substring(0, i);
            String right = text.substring(i);
            if (ids.containsKey(left) && ids.containsKey(right)) {
                merges.add(new Merge(left, right, piece.score()));
            }
        }
        merges.sort(Comparator.comparingInt((Merge m) -> ids.get(m.left)).thenComparingInt(m -> ids.get(m.right)));
        return merges;
    }

    private static int characters(String text) {
        return text.codePointCount(0, text.length());
    }

    private static ObjectNode replace(String kind, String pattern, String content) {
        ObjectNode replace = step("Replace");
        replace.putObject("pattern").put(kind, pattern);
        return replace.put("content", content);
    }

    private static ObjectNode step(String type) {
        return JSON.objectNode().put("type", type);
    }

    private static ObjectNode sequence(String key, List<ObjectNode> steps) {
        ObjectNode sequence = step("Sequence");
        sequence.putArray(key).addAll(steps);
        return sequence;
    }
}
