package io.espalier.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    /** Lengths in characters 2, 3, 4; in bytes 2, 9, 4. */
    private static final Question QUESTION = Question.ofChoices("c", List.of("ab", "一二三", "abcd"), 2, null);

    @Test
    void dividesByNothingByCharactersAndByBytes() {
        // -4, -5.4, -7  ->  by characters -2, -1.8, -1.75; by bytes -2, -0.6, -1.75
        assertThat(Choice.of(QUESTION, answers(-4, -5.4, -7))).isEqualTo(new Choice(0, 2, 1));
    }

    @Test
    void takesTheFirstOfEqualChoices() {
        assertThat(Choice.of(QUESTION, answers(-6, -3, -3)).plain()).isEqualTo(1);
        assertThat(Choice.of(QUESTION, answers(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY,
                Double.NEGATIVE_INFINITY)).plain()).isZero();
    }

    @Test
    void refusesWhatIsNotANumber() {
        assertThatThrownBy(() -> Choice.of(QUESTION, answers(-1, Double.NaN, -1))).isInstanceOf(
                ArithmeticException.class);
    }

    @Test
    void hasTheStandardErrorOfASample() {
        // 1, 0, 0, 0: mean 1/4, deviation 1/2, error 1/4
        assertThat(Share.of(1, 4).stderr()).isCloseTo(0.25, within(1e-15));
        assertThat(Share.of(1, 1).stderr()).isNaN();
    }

    private static List<Answer> answers(double... logLikelihoods) {
        return Arrays.stream(logLikelihoods).mapToObj(value -> new Answer(value, false)).toList();
    }
}
