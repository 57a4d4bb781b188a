package io.espalier.model.text.convert;

import io.espalier.model.config.InvalidCheckpointException;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What stands in a sentencepiece {@code tokenizer.model}.
 *
 * @param pieces       by id
 * @param byteFallback whether what is not in the vocabulary becomes bytes
 * @param bosId        -1 for none
 * @param charsmap     compiled rules that characters are replaced by; empty for none
 * @param dummyPrefix  whether a blank is put in front of every text
 * @param tidyBlanks   whether blanks at the ends go and several become one
 * @param escapeBlanks whether blanks become {@code U+2581}
 * @see <a href="https://github.com/google/sentencepiece/blob/master/src/sentencepiece_model.proto">the format</a>
 */
record SentencePieceModel(List<Piece> pieces, Kind kind, boolean byteFallback, int unknownId, int bosId,
        byte[] charsmap,
        boolean dummyPrefix, boolean tidyBlanks, boolean escapeBlanks, boolean blanksAsSuffix) {

    /** Numbers as in the format, from 1 on. */
    enum Kind {
        UNIGRAM, BPE, WORD, CHARACTER
    }

    /** Numbers as in the format, from 1 on. */
    enum Type {
        NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE
    }

    record Piece(String text, float score, Type type) {}

    private static final int PIECE = 1;
    private static final int TRAINER = 2;
    private static final int NORMALIZER = 3;

    /** @throws InvalidCheckpointException where the file is something else */
    static SentencePieceModel read(Path file) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InvalidCheckpointException(file + ": cannot be read: " + e.getMessage(), e);
        }
        try {
            SentencePieceModel model = new Reader().read(new ProtobufFields(ByteBuffer.wrap(bytes)));
            model.check();
            return model;
        } catch (IllegalArgumentException | ArithmeticException | BufferUnderflowException
                | ArrayIndexOutOfBoundsException e) {
            throw new InvalidCheckpointException(file + ": not a sentencepiece model (" + e.getMessage()
                    + "); other tokenizers are read from a tokenizer.json", e);
        }
    }

    /** What sentencepiece itself refuses. */
    private void check() {
        if (pieces.isEmpty()) {
            throw new IllegalArgumentException("it holds no pieces");
        }
        if (pieces.stream().anyMatch(piece -> piece.text().isEmpty())) {
            throw new IllegalArgumentException("a piece is empty");
        }
        if (unknownId < 0 || unknownId >= pieces.size()) {
            throw new IllegalArgumentException("unk_id is " + unknownId + ", and there are " + pieces.size()
                    + " pieces");
        }
    }

    /** Collects fields; what is not there keeps the format's default. */
    private static final class Reader {
        private final List<Piece> pieces = new ArrayList<>();
        private Kind kind = Kind.UNIGRAM;
        private boolean byteFallback;
        private int unknownId;
        private int bosId = 1;
        private byte[] charsmap = {};
        private boolean dummyPrefix = true;
        private boolean tidyBlanks = true;
        private boolean escapeBlanks = true;
        private boolean blanksAsSuffix;

        SentencePieceModel read(ProtobufFields model) {
            while (model.next()) {
                switch (model.number()) {
                    case PIECE -> pieces.add(piece(model.message()));
                    case TRAINER -> trainer(model.message());
                    case NORMALIZER -> normalizer(model.message());
                    default -> {
                    }
                }
            }
            return new SentencePieceModel(List.copyOf(pieces), kind, byteFallback, unknownId, bosId, charsmap,
                    dummyPrefix, tidyBlanks, escapeBlanks, blanksAsSuffix);
        }

        private static Piece piece(ProtobufFields fields) {
            String text = "";
            float score = 0;
            Type type = Type.NORMAL;
            while (fields.next()) {
                switch (fields.number()) {
                    case 1 -> text = fields.text();
                    case 2 -> score = fields.floating();
                    case 3 -> type = Type.values()[(int) fields.integer() - 1];
                    default -> {
                    }
                }
            }
            return new Piece(text, score, type);
        }

        private void trainer(ProtobufFields fields) {
            while (fields.next()) {
                switch (fields.number()) {
                    case 3 -> kind = Kind.values()[(int) fields.integer() - 1];
                    case 24 -> blanksAsSuffix = fields.integer() != 0;
                    case 35 -> byteFallback = fields.integer() != 0;
                    case 40 -> unknownId = (int) fields.integer();
                    case 41 -> bosId = (int) fields.integer();
                    default -> {
                    }
                }
            }
        }

        private void normalizer(ProtobufFields fields) {
            while (fields.next()) {
                switch (fields.number()) {
                    case 2 -> charsmap = fields.bytes();
                    case 3 -> dummyPrefix = fields.integer() != 0;
                    case 4 -> tidyBlanks = fields.integer() != 0;
                    case 5 -> escapeBlanks = fields.integer() != 0;
                    default -> {
                    }
                }
            }
        }
    }
}
