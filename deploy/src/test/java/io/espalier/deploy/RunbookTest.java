package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Who is woken by an alert finds what to do. */
class RunbookTest {
    private static final Path RULES = Path.of("prometheus", "rules.yml");

    @Test
    void everyAlertNamesAnEntryThatIsThere() throws Exception {
        for (JsonNode alert : alerts()) {
            String[] place = alert.at("/annotations/runbook").asText().split("#");
            assertThat(place).as("runbook of %s", alert.path("alert")).hasSize(2);
            assertThat(anchors(Path.of("..").resolve(place[0]))).as(alert.path("alert").asText()).contains(place[1]);
        }
    }

    private static List<JsonNode> alerts() throws Exception {
        List<JsonNode> alerts = new ArrayList<>();
        Chart.YAML.readTree(RULES.toFile()).path("groups").forEach(group -> group.path("rules").forEach(rule -> {
            if (rule.has("alert")) {
                alerts.add(rule);
            }
        }));
        assertThat(alerts).isNotEmpty();
        return alerts;
    }

    /** As Markdown pages make them of headings. */
    private static Set<String> anchors(Path page) throws Exception {
        return Files.readAllLines(page).stream().filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
    }
}
