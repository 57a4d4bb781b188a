package io.espalier.evaluation.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** PIQA keeps its labels apart: {@code valid.jsonl} has {@code valid-labels.lst} beside it, one 0 or 1 per line. */
final class PiqaLabels {
    private PiqaLabels() {}

    /** Puts {@code label} into each row that has none. */
    static List<Row> join(Path file, List<Row> rows) throws IOException, TaskDataException {
        if (rows.stream().allMatch(row -> row.has("label"))) {
            return rows;
        }
        Path labels = file.resolveSibling(file.getFileName().toString().replaceFirst("\\.[^.]*$", "")
                + "-labels.lst");
        if (!Files.isRegularFile(labels)) {
            throw new TaskDataException(labels + ": no such file; PIQA's labels must stand beside " + file);
        }
        List<String> lines = Files.readAllLines(labels);
        if (lines.size() < rows.size()) {
            throw new TaskDataException(labels + ": " + lines.size() + " labels for " + rows.size() + " rows");
        }
        for (int i = 0; i < rows.size(); i++) {
            ((ObjectNode) rows.get(i).json()).put("label", PythonText.strip(lines.get(i)));
        }
        return rows;
    }
}
