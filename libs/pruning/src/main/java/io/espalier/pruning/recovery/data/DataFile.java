package io.espalier.pruning.recovery.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads a data file entry by entry, never as a whole: a JSON array or JSON lines of objects with {@code instruction},
 * {@code input} and {@code output} or with {@code text} (in an array also plain strings); anything else (and every {@code .txt}) is one long text.
 */
final class DataFile {
    /** Long texts come in pieces of about this many characters, cut at a line's end. */
    private static final int PIECE = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;

    /** Takes entries one after the other. */
    @FunctionalInterface
    interface Sink {
        /** @return whether more are wanted */
        boolean take(Document document) throws InterruptedException;
    }

    DataFile(Path path) {
        this.path = path;
    }

    /** @throws InvalidDataException where an entry is none of these */
    void read(Sink sink) throws IOException, InterruptedException {
        try (BufferedReader reader = Files.newBufferedReader(path)) {
            if (isJson(reader)) {
                readJson(reader, sink);
            } else {
                readText(reader, sink);
            }
        } catch (JsonProcessingException e) {
            throw new InvalidDataException(path + ": not JSON: " + e.getMessage());
        } catch (MalformedInputException e) {
            throw new InvalidDataException(path + ": not UTF-8 text");
        }
    }

    private boolean isJson(BufferedReader reader) throws IOException {
        if (path.getFileName().toString().endsWith(".txt")) {
            return false;
        }
        reader.mark(8192);
        int c = reader.read();
        while (Character.isWhitespace(c)) {
            c = reader.read();
        }
        reader.reset();
        return c == '[' || c == '{';
    }

    private void readJson(Reader reader, Sink sink) throws IOException, InterruptedException {
        try (JsonParser parser = JSON.createParser(reader)) {
            int entry = 0;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.START_ARRAY || token == JsonToken.END_ARRAY) {
                    continue;
                }
                JsonNode node = JSON.readTree(parser);
                if (!sink.take(document(node, ++entry))) {
                    return;
                }
            }
        }
    }

    private Document document(JsonNode node, int entry) {
        if (node.isTextual()) {
            return new Document.Text(node.asText(), true, true);
        }
        if (node.path("text").isTextual()) {
            return new Document.Text(node.get("text").asText(), true, true);
        }
        if (node.path("instruction").isTextual() && node.path("output").isTextual()) {
            return new Document.Instruction(
                    AlpacaPrompt.of(node.get("instruction").asText(), node.path("input").asText("")),
                    node.get("output").asText());
        }
        throw new InvalidDataException(path + ": entry " + entry
                + " has neither 'text' nor 'instruction' and 'output' as strings");
    }

    private void readText(BufferedReader reader, Sink sink) throws IOException, InterruptedException {
        var piece = new StringBuilder();
        boolean first = true;
        boolean more = true;
        for (String line = reader.readLine(); line != null && more; line = reader.readLine()) {
            piece.append(line).append('\n');
            if (piece.length() >= PIECE) {
                more = sink.take(new Document.Text(piece.toString(), first, false));
                first = false;
                piece.setLength(0);
            }
        }
        if (more) {
            sink.take(new Document.Text(piece.toString(), first, true));
        }
    }
}
