package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The short form of {@code ./espalier bench soak}: a few strikes, nothing lost, nothing doubled, nobody left behind. */
class SoakTest {
    private static final String SEED = "7";

    @Test
    void nothingIsLostOrDoubledWhileEverythingDies() throws Exception {
        Launcher.Outcome outcome = Launcher.run(Repository.ROOT, "bench", "soak", "--quick", "--set", "seed=" + SEED,
                "-o", "json");
        assertThat(outcome.status()).as(outcome.err()).isZero();
        JsonNode run = new JsonMapper().readTree(outcome.out()).findParent("figures");
        Map<String, Double> figures = new HashMap<>();
        run.get("figures").forEach(figure -> figures.put(figure.get("name").asText(), figure.get("value").asDouble()));
        assertThat(figures.get("violations")).as("%s", run.get("notes")).isZero();
        assertThat(figures.get("strikes")).isPositive();
        assertThat(figures.get("tasks done")).isGreaterThan(figures.get("jobs"));
        assertThat(outcome.processes()).noneMatch(ProcessHandle::isAlive);
    }
}
