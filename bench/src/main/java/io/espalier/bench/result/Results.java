package io.espalier.bench.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The runs in a results file, one per benchmark; {@code bench-results.schema.json} describes it. */
public record Results(List<Run> runs) {
    private static final ObjectWriter PRETTY = Json.events().writer().with(SerializationFeature.INDENT_OUTPUT);

    public Results {
        runs = List.copyOf(runs);
    }

    /**
     * One benchmark on one machine.
     *
     * @param at      when it began, ISO-8601
     * @param options as given, without defaults
     */
    public record Run(String benchmark, String at, double seconds, boolean quick, Map<String, String> options,
            Machine machine, List<Figure> figures, List<Series> series, List<String> notes) {}

    /** @throws IOException if it cannot be read or holds something else */
    public static Results read(Path file) throws IOException {
        JsonNode document = Json.events().readTree(file.toFile());
        ResultsSchema.check(file.toString(), document);
        return Json.events().treeToValue(document, Results.class);
    }

    /** Those of another file that this one does not replace, then these. */
    public Results after(Results earlier) {
        List<Run> all = new ArrayList<>(earlier.runs.stream()
                .filter(old -> runs.stream().noneMatch(run -> run.benchmark().equals(old.benchmark()))).toList());
        all.addAll(runs);
        return new Results(all);
    }

    public String json() throws IOException {
        return PRETTY.writeValueAsString(this);
    }

    public void write(Path file) throws IOException {
        Files.writeString(file, json() + "\n");
    }
}
