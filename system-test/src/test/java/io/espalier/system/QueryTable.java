package io.espalier.system;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.system.Observability.Query;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Dashboard, panel, query and the first value seen, as a Markdown table. */
final class QueryTable {
    private QueryTable() {}

    static String of(Map<Query, JsonNode> answers) {
        StringBuilder table = new StringBuilder("| dashboard | panel | query | value seen |\n|---|---|---|---|\n");
        answers.forEach((query, answer) -> table.append("| %s | %s | `%s` | %s |%n".formatted(query.dashboard(),
                query.panel(), query.expression().replace("|", "\\|"), value(answer))));
        return table.toString();
    }

    /** The first series whose value is a number other than zero. */
    static Optional<JsonNode> telling(JsonNode answer) {
        for (JsonNode series : answer) {
            double value = Double.parseDouble(series.at("/value/1").asText());
            if (Double.isFinite(value) && value != 0) {
                return Optional.of(series);
            }
        }
        return Optional.empty();
    }

    private static String value(JsonNode answer) {
        if (answer.isEmpty()) {
            return "none";
        }
        JsonNode series = telling(answer).orElse(answer.get(0));
        String labels = series.path("metric").properties().stream().filter(label -> !label.getKey().equals("__name__"))
                .map(label -> label.getKey() + "=" + label.getValue().asText()).collect(Collectors.joining(", "));
        return (labels.isEmpty() ? "" : labels + ": ") + series.at("/value/1").asText()
                + (answer.size() > 1 ? " (of " + answer.size() + " series)" : "");
    }
}
