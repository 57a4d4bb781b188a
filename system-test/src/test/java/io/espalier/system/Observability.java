package io.espalier.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What {@code deploy/} asks Prometheus for: panels, variables and annotations of dashboards, and rules. */
final class Observability {
    static final Path RULES = Repository.ROOT.resolve("deploy/prometheus/rules.yml");
    private static final Path DASHBOARDS = Repository.ROOT.resolve("deploy/grafana/dashboards");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.+), *(\\w+)\\)");
    private static final Pattern METRIC = Pattern
            .compile("\\b(?:espalier|jvm|process|kafka|vertx)_[a-z0-9_]+");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ObjectMapper YAML = new YAMLMapper();

    /**
     * One question.
     *
     * @param mustAnswer whether a healthy stack must have data for it; rules and annotations are silent when all is well
     */
    record Query(String dashboard, String panel, String expression, boolean mustAnswer) {}

    private Observability() {}

    static List<Query> queries() {
        List<Query> queries = new ArrayList<>();
        for (Path file : dashboards()) {
            JsonNode dashboard = read(JSON, file);
            String title = dashboard.path("title").asText();
            panels(title, dashboard.path("panels"), queries);
            dashboard.at("/templating/list").forEach(variable -> queries.add(new Query(title,
                    "variable " + variable.path("name").asText(),
                    LABEL_VALUES.matcher(variable.path("definition").asText()).replaceAll("group by ($2) ($1)"),
                    true)));
            dashboard.at("/annotations/list").forEach(annotation -> queries.add(new Query(title,
                    "annotation " + annotation.path("name").asText(), annotation.path("expr").asText(), false)));
        }
        for (JsonNode rule : read(YAML, RULES).findValues("rules").stream().flatMap(Observability::elements).toList()) {
            boolean recording = rule.has("record");
            queries.add(new Query("rules.yml", rule.path(recording ? "record" : "alert").asText(),
                    rule.path("expr").asText(), recording));
        }
        return queries;
    }

    /** Every metric of ours or of a library that some question names; recorded ones aside. */
    static Set<String> metrics() {
        Set<String> names = new TreeSet<>();
        for (Query query : queries()) {
            METRIC.matcher(query.expression()).results().map(MatchResult::group).forEach(names::add);
        }
        return names;
    }

    private static void panels(String dashboard, JsonNode panels, List<Query> queries) {
        for (JsonNode panel : panels) {
            panel.path("targets").forEach(target -> queries.add(new Query(dashboard, panel.path("title").asText(),
                    target.path("expr").asText().replaceAll("\\$\\w+", ".*"), !isOfDevices(target))));
            panels(dashboard, panel.path("panels"), queries);
        }
    }

    /** Memory of a device is exported where there is a device. */
    private static boolean isOfDevices(JsonNode target) {
        return target.path("expr").asText().contains("device_");
    }

    private static List<Path> dashboards() {
        try (Stream<Path> files = Files.list(DASHBOARDS)) {
            return files.filter(file -> file.toString().endsWith(".json")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode read(ObjectMapper mapper, Path file) {
        try {
            return mapper.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    private static Stream<JsonNode> elements(JsonNode array) {
        List<JsonNode> elements = new ArrayList<>();
        array.forEach(elements::add);
        return elements.stream();
    }
}
