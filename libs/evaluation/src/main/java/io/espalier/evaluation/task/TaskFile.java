package io.espalier.evaluation.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads JSON lines. */
final class TaskFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private TaskFile() {}

    /** The first rows of a file, at most {@code limit}; blank lines count as nothing. */
    static List<Row> rows(Path file, int limit) throws IOException, TaskDataException {
        if (!Files.isRegularFile(file)) {
            throw new TaskDataException(file + ": no such file; give the task's original JSON-lines file as data");
        }
        List<Row> rows = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(file)) {
            int number = 0;
            for (String line = reader.readLine(); line != null && rows.size() < limit; line = reader.readLine()) {
                number++;
                if (!line.isBlank()) {
                    rows.add(row(file + ", line " + number, line));
                }
            }
        } catch (CharacterCodingException e) {
            throw new TaskDataException(file + ": not UTF-8", e);
        }
        if (rows.isEmpty()) {
            throw new TaskDataException(file + ": holds no row");
        }
        return rows;
    }

    private static Row row(String place, String line) throws TaskDataException {
        try {
            JsonNode json = JSON.readTree(line);
            if (!json.isObject()) {
                throw new TaskDataException(place + ": not a JSON object; every line must be one");
            }
            return new Row(place, json);
        } catch (JsonProcessingException e) {
            throw new TaskDataException(place + ": not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
