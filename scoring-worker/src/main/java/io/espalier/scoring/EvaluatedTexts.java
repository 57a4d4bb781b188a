package io.espalier.scoring;

import io.espalier.protocol.message.ModelFacts.TextSize;
import io.espalier.protocol.request.Evaluation;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** How much an evaluation will read: what the coordinator orders its tasks by. */
final class EvaluatedTexts {
    private static final int BUFFER_BYTES = 1 << 16;

    private EvaluatedTexts() {}

    /**
     * Of the texts of all perplexities and then the data of all tasks, in the order of the request.
     *
     * @param evaluation null where nothing is evaluated
     */
    static List<TextSize> sizes(Evaluation evaluation) throws IOException, PermanentFailureException {
        List<TextSize> sizes = new ArrayList<>();
        if (evaluation != null) {
            for (Evaluation.Perplexity protocol : evaluation.perplexity()) {
                sizes.add(size(Locations.path("evaluation.perplexity.text", protocol.text())));
            }
            for (Evaluation.Task task : evaluation.tasks()) {
                sizes.add(size(Locations.path("evaluation.tasks.data", task.data())));
            }
        }
        return sizes;
    }

    /** Nothing for what is no file: whoever is to read it will say so. */
    private static TextSize size(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            return new TextSize(0, 0);
        }
        long bytes = 0;
        long lines = 0;
        int last = '\n';
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(buffer); read > 0; read = in.read(buffer)) {
                bytes += read;
                for (int i = 0; i < read; i++) {
                    lines += buffer[i] == '\n' ? 1 : 0;
                }
                last = buffer[read - 1];
            }
        }
        return new TextSize(bytes, last == '\n' ? lines : lines + 1);
    }
}
