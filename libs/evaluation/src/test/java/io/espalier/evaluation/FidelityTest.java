package io.espalier.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.evaluation.likelihood.Limits;
import io.espalier.model.forward.Generator;
import io.espalier.model.forward.Model;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Two small models of one vocabulary with random weights; expectations from a plain softmax over a generator's logits. */
class FidelityTest {
    private static final Path GOLDEN = Path.of("../model/src/test/resources/golden");
    private static final int[][] SEGMENTS = segments(7, 12);

    @Test
    void equalsAPlainComputationOverAllLogits() throws Exception {
        try (Model original = Model.streamed(GOLDEN.resolve("llama3"), Device.cpu());
                Model changed = Model.resident(GOLDEN.resolve("mistral"), Device.cpu())) {
            Fidelity fidelity = Fidelity.of(original, List.of(changed), SEGMENTS, Limits.standard(), Progress.NONE)
                    .getFirst();
            double kl = 0;
            int agreed = 0;
            for (int[] segment : SEGMENTS) {
                double[][] p = distributions(original, segment);
                double[][] q = distributions(changed, segment);
                for (int t = 0; t < segment.length; t++) {
                    agreed += best(p[t]) == best(q[t]) ? 1 : 0;
                    for (int v = 0; v < p[t].length; v++) {
                        kl += p[t][v] * Math.log(p[t][v] / q[t][v]);
                    }
                }
            }
            assertThat(fidelity.tokens()).isEqualTo(84);
            assertThat(fidelity.kl()).isPositive().isCloseTo(kl / 84, within(1e-5 * kl / 84));
            assertThat(fidelity.top1()).isEqualTo(agreed / 84.0);
        }
    }

    @Test
    void aModelIsFaithfulToItself() throws Exception {
        try (Model one = Model.streamed(GOLDEN.resolve("llama3"), Device.cpu());
                Model other = Model.resident(GOLDEN.resolve("llama3"), Device.cpu())) {
            Fidelity fidelity = Fidelity.of(one, List.of(other), SEGMENTS, Limits.standard(), Progress.NONE)
                    .getFirst();
            assertThat(fidelity.kl()).isCloseTo(0, within(1e-12));
            assertThat(fidelity.top1()).isEqualTo(1);
        }
    }

    @Test
    void doesNotDependOnWavesNorOnCompany() throws Exception {
        try (Model original = Model.resident(GOLDEN.resolve("llama3"), Device.cpu());
                Model first = Model.resident(GOLDEN.resolve("mistral"), Device.cpu());
                Model second = Model.resident(GOLDEN.resolve("qwen2"), Device.cpu())) {
            var alone = Fidelity.of(original, List.of(second), SEGMENTS, Limits.standard(), Progress.NONE).getFirst();
            var beside = Fidelity.of(original, List.of(first, second), SEGMENTS, new Limits(1, 1), Progress.NONE)
                    .getLast();
            assertThat(beside.kl()).isCloseTo(alone.kl(), within(1e-5 * alone.kl()));
            assertThat(beside.top1()).isEqualTo(alone.top1());
        }
    }

    @Test
    void refusesAnotherVocabulary() {
        try (Model original = Stories.model();
                Model changed = Model.resident(GOLDEN.resolve("mistral"), Device.cpu())) {
            assertThatThrownBy(() -> Fidelity.of(original, List.of(changed), SEGMENTS, Limits.standard(),
                    Progress.NONE)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("512 and 96");
        }
    }

    /** Of each position, [T][V]. */
    private static double[][] distributions(Model model, int[] tokens) {
        double[][] all = new double[tokens.length][];
        try (Generator generator = new Generator(model)) {
            for (int t = 0; t < tokens.length; t++) {
                float[] logits = t == 0 ? generator.prefill(new int[]{tokens[0]}) : generator.decode(tokens[t]);
                double sum = IntStream.range(0, logits.length).mapToDouble(v -> Math.exp(logits[v])).sum();
                all[t] = IntStream.range(0, logits.length).mapToDouble(v -> Math.exp(logits[v]) / sum).toArray();
            }
        }
        return all;
    }

    private static int best(double[] p) {
        return IntStream.range(0, p.length).reduce((a, b) -> p[b] > p[a] ? b : a).orElseThrow();
    }

    private static int[][] segments(int count, int length) {
        Random random = new Random(5);
        return IntStream.range(0, count).mapToObj(_ -> random.ints(length, 0, 96).toArray()).toArray(int[][]::new);
    }
}
