package io.espalier.evaluation.task;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Which choice a model takes: the greatest log-likelihood, and the first one where several are equal. Three ways of
 * dividing it: by nothing ({@code acc}), by the choice's length in characters ({@code acc_norm}: the harness uses
 * Python's {@code len}, not bytes), by its length in UTF-8 bytes ({@code acc_bytes}).
 *
 * @param plain        index of the choice by {@code acc}
 * @param byCharacters by {@code acc_norm}
 * @param byBytes      by {@code acc_bytes}
 */
public record Choice(int plain, int byCharacters, int byBytes) {
    public static Choice of(Question question, List<Answer> answers) {
        if (answers.size() != question.requests().size()) {
            throw new IllegalArgumentException(answers.size() + " answers to " + question.requests().size()
                    + " requests");
        }
        return new Choice(argmax(question, answers, choice -> 1), argmax(question, answers, PythonText::length),
                argmax(question, answers, choice -> choice.getBytes(StandardCharsets.UTF_8).length));
    }

    private static int argmax(Question question, List<Answer> answers, ToDoubleFunction<String> length) {
        int best = 0;
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < answers.size(); i++) {
            double value = answers.get(i).logLikelihood() / length.applyAsDouble(question.choices().get(i));
            if (Double.isNaN(value)) {
                throw new ArithmeticException("the model's log-likelihood is not a number");
            }
            if (value > greatest) {
                best = i;
                greatest = value;
            }
        }
        return best;
    }
}
