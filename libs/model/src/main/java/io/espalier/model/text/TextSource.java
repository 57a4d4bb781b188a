package io.espalier.model.text;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A text file: plain text, JSON lines with a key {@code text}, or a JSON array of such objects or of strings.
 *
 * @param documents in file order; plain text is split at blank lines, or at line ends where there are no blank lines
 * @param separator what stood between them in plain text; null where documents are rows of their own
 * @param text      everything: plain text as it is, rows joined by two newlines
 */
public record TextSource(List<String> documents, String separator, String text) {
    private static final String ROWS = "\n\n";
    private static final ObjectMapper JSON = new ObjectMapper();

    public TextSource {
        documents = List.copyOf(documents);
    }

    /** @throws InvalidTextException where it cannot be read or a row has no text */
    public static TextSource read(Path file) {
        String content = content(file);
        String start = content.stripLeading();
        if (start.startsWith("[") && !file.toString().endsWith(".txt")) {
            return ofRows(array(file, content));
        }
        if (start.startsWith("{")) {
            return ofRows(lines(file, content));
        }
        return plain(content);
    }

    /** Plain text. */
    public static TextSource plain(String content) {
        boolean blankLines = content.lines().anyMatch(String::isBlank);
        String separator = blankLines ? ROWS : "\n";
        Stream<String> parts = blankLines ? Stream.of(content.split("\\R(?:[ \\t]*\\R)+")) : content.lines();
        return new TextSource(parts.filter(p -> !p.isBlank()).toList(), separator, content);
    }

    private static TextSource ofRows(List<String> rows) {
        return new TextSource(rows, null, String.join(ROWS, rows));
    }

    private static List<String> array(Path file, String content) {
        try {
            var rows = new ArrayList<String>();
            for (JsonNode row : JSON.readTree(content)) {
                rows.add(row.isTextual() ? row.textValue() : text(file, rows.size(), row));
            }
            return rows;
        } catch (JacksonException e) {
            throw new InvalidTextException(file + ": not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static List<String> lines(Path file, String content) {
        var rows = new ArrayList<String>();
        for (String line : content.lines().filter(l -> !l.isBlank()).toList()) {
            try {
                rows.add(text(file, rows.size(), JSON.readTree(line)));
            } catch (JacksonException e) {
                throw new InvalidTextException(
                        file + ": row " + (rows.size() + 1) + " is not JSON: " + e.getOriginalMessage(), e);
            }
        }
        return rows;
    }

    private static String text(Path file, int row, JsonNode json) {
        JsonNode text = json.get("text");
        if (text == null || !text.isTextual()) {
            throw new InvalidTextException(file + ": row " + (row + 1) + " has no string under 'text'");
        }
        return text.textValue();
    }

    private static String content(Path file) {
        try {
            String content = Files.readString(file);
            if (content.isBlank()) {
                throw new InvalidTextException(file + ": is empty");
            }
            return content;
        } catch (IOException e) {
            throw new InvalidTextException(file + ": cannot be read as UTF-8 text: " + e, e);
        }
    }
}
