package io.espalier.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.PairEncoder;
import io.espalier.evaluation.likelihood.PairEncoder.Rule;
import io.espalier.evaluation.task.Question;
import io.espalier.evaluation.task.ZeroShotTask;
import io.espalier.model.forward.Model;
import io.espalier.model.text.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against lm-evaluation-harness 0.4.13 with transformers on the same rows and model. */
class ZeroShotTest {
    private static Model model;
    private static Tokenizer tokenizer;
    private static PairEncoder encoder;

    @BeforeAll
    static void open() {
        model = Stories.model();
        tokenizer = Stories.tokenizer();
        encoder = new PairEncoder(tokenizer, Rule.TOGETHER, model.config().maxPositions());
    }

    @AfterAll
    static void close() {
        tokenizer.close();
        model.close();
    }

    @ParameterizedTest
    @EnumSource
    void answersAsTheHarnessDoesToTheLastExample(ZeroShotTask task) throws Exception {
        HarnessGolden harness = HarnessGolden.of(task);
        ZeroShot result = evaluate(task, harness.questions(), Limits.standard());

        harness.check(result);
    }

    @Test
    void doesNotDependOnTheBatch() throws Exception {
        List<Question> questions = HarnessGolden.of(ZeroShotTask.HELLASWAG).questions();
        ZeroShot together = evaluate(ZeroShotTask.HELLASWAG, questions, Limits.standard());
        ZeroShot oneByOne = evaluate(ZeroShotTask.HELLASWAG, questions, new Limits(1, 1));

        for (int i = 0; i < questions.size(); i++) {
            for (int j = 0; j < 4; j++) {
                double expected = together.samples().get(i).answers().get(j).logLikelihood();
                assertThat(oneByOne.samples().get(i).answers().get(j).logLikelihood()).isCloseTo(expected, within(
                        1e-5 * Math.abs(expected)));
            }
        }
    }

    @Test
    void endsWhenItsCallerWishes() throws Exception {
        List<Question> questions = HarnessGolden.of(ZeroShotTask.PIQA).questions();
        assertThatThrownBy(() -> ZeroShot.of(model, encoder, ZeroShotTask.PIQA, questions, Limits.standard(),
                (ratio, tokens) -> {
                    throw new InterruptedException("cancelled");
                })).isInstanceOf(InterruptedException.class).hasMessage("cancelled");
    }

    private static ZeroShot evaluate(ZeroShotTask task, List<Question> questions, Limits limits)
            throws InterruptedException {
        return ZeroShot.of(model, encoder, task, questions, limits, Progress.NONE);
    }
}
