package io.espalier.evaluation;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.PairEncoder;
import io.espalier.evaluation.likelihood.PairEncoder.Rule;
import io.espalier.evaluation.task.ZeroShotTask;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The comparison with lm-evaluation-harness at any size, on any model:
 * {@code tools/golden/zero_shot.py MODEL TASKS LIMIT ANSWERS}, then this test with {@code -Despalier.harness.model=MODEL},
 * {@code -Despalier.harness.tasks=TASKS} and {@code -Despalier.harness.answers=ANSWERS}.
 */
class HarnessComparisonTest {
    @ParameterizedTest
    @EnumSource
    void answersAsTheHarnessDoesToTheLastExample(ZeroShotTask task) throws Exception {
        Path folder = property("model");
        HarnessGolden harness = HarnessGolden.read(property("answers"), task, rows(property("tasks").resolve(task
                .label())));
        try (Model model = Model.resident(folder, Device.cpu()); Tokenizer tokenizer = Tokenizer.open(folder)) {
            var encoder = new PairEncoder(tokenizer, Rule.TOGETHER, model.config().maxPositions());
            harness.check(ZeroShot.of(model, encoder, task, harness.questions(), Limits.standard(), Progress.NONE));
        }
    }

    private static Path property(String name) {
        String value = System.getProperty("espalier.harness." + name);
        assumeTrue(value != null, "espalier.harness." + name + " is not set");
        return Path.of(value);
    }

    private static Path rows(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
            return found.getFirst();
        }
    }
}
