package io.espalier.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Entries of a sweep that run at the same time do what they have in common once. */
class SweepTest {
    @TempDir
    private Path folder;

    @Test
    void twoTargetsOfOneMethodScoreOnceAlthoughTwoWorkersAreFree() throws Exception {
        Path out = folder.resolve("out");
        Path request = Files.writeString(folder.resolve("sweep.yaml"), """
                name: sweep
                model: %1$s/models/stories
                method: { name: llm-pruner, criterion: param_first }
                target: { parameters: 0.8 }
                calibration: { text: %1$s/data/tinystories-calibration.jsonl, samples: 16, length: 64 }
                sweep:
                  - { target: { parameters: 0.8 } }
                  - { target: { parameters: 0.6 }, method: { name: llm-pruner, criterion: param_first, reduction: max } }
                """.formatted(Repository.EXAMPLES));

        Launcher.Outcome outcome = Launcher.run(Map.of("ESPALIER_CACHE", "on"), folder, "prune", request.toString(),
                "--out", out.toString(), "--scoring-workers", "2", "--data", folder.resolve("data").toString());

        assertThat(outcome.status()).as(outcome.err()).isZero();
        List<JsonNode> reports = reports(out);
        assertThat(reports).hasSize(2);
        assertThat(reports).extracting(report -> fromCache(report, "SCORE")).containsExactlyInAnyOrder(false, true);
        assertThat(reports).extracting(report -> fromCache(report, "RANK")).containsOnly(false);
        assertThat(reports).extracting(report -> report.at("/plan/achieved/parameters").asLong())
                .doesNotHaveDuplicates();
    }

    private static boolean fromCache(JsonNode report, String stage) {
        for (JsonNode each : report.get("stages")) {
            if (each.get("stage").asText().equalsIgnoreCase(stage)) {
                return each.get("fromCache").asBoolean();
            }
        }
        throw new AssertionError("no stage " + stage + " in " + report.get("stages"));
    }

    private static List<JsonNode> reports(Path out) throws IOException {
        try (Stream<Path> files = Files.walk(out)) {
            List<Path> found = files.filter(file -> file.endsWith("report.json")).toList();
            ObjectMapper json = new ObjectMapper();
            return found.stream().map(file -> {
                try {
                    return json.readTree(file.toFile());
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }).toList();
        }
    }
}
