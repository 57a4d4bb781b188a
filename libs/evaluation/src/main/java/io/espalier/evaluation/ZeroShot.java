package io.espalier.evaluation;

import io.espalier.evaluation.likelihood.Limits;
import io.espalier.evaluation.likelihood.PairEncoder;
import io.espalier.evaluation.likelihood.Span;
import io.espalier.evaluation.likelihood.SpanScorer;
import io.espalier.evaluation.task.Answer;
import io.espalier.evaluation.task.Choice;
import io.espalier.evaluation.task.Question;
import io.espalier.evaluation.task.Request;
import io.espalier.evaluation.task.TaskScore;
import io.espalier.evaluation.task.ZeroShotTask;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.TokenScores;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A model's answers to the questions of one task.
 *
 * @param score   all together
 * @param samples one per question, in order
 */
public record ZeroShot(TaskScore score, List<Sample> samples) {
    public ZeroShot {
        samples = List.copyOf(samples);
    }

    /** A question and what the model made of it; answers stand in the order of the requests. */
    public record Sample(Question question, List<Answer> answers, Choice choice) {
        public Sample {
            answers = List.copyOf(answers);
        }
    }

    /**
     * With what choices have in common read once.
     *
     * @throws IllegalArgumentException if a request has no context or a continuation without or with too many tokens
     * @throws ArithmeticException      if the model's output is not a number
     */
    public static ZeroShot of(Model model, PairEncoder encoder, ZeroShotTask task, List<Question> questions,
            Limits limits, Progress progress) throws InterruptedException {
        return of(new SpanScorer(model, limits), encoder, task, questions, progress);
    }

    /**
     * @throws IllegalArgumentException if a request has no context or a continuation without or with too many tokens
     * @throws ArithmeticException      if the model's output is not a number
     */
    public static ZeroShot of(SpanScorer scorer, PairEncoder encoder, ZeroShotTask task, List<Question> questions,
            Progress progress) throws InterruptedException {
        List<Span> spans = new ArrayList<>();
        for (Question question : questions) {
            for (Request request : question.requests()) {
                spans.add(encoder.encode(request));
            }
        }
        Iterator<TokenScores> scores = scorer.score(spans, progress).iterator();
        List<Sample> samples = new ArrayList<>();
        for (Question question : questions) {
            List<Answer> answers = new ArrayList<>();
            for (int i = 0; i < question.requests().size(); i++) {
                answers.add(answer(scores.next()));
            }
            samples.add(new Sample(question, answers, Choice.of(question, answers)));
        }
        List<Choice> choices = samples.stream().map(Sample::choice).toList();
        return new ZeroShot(TaskScore.of(task, questions, choices), samples);
    }

    private static Answer answer(TokenScores scores) {
        boolean greedy = IntStream.range(0, scores.greedy().length).allMatch(i -> scores.greedy()[i]);
        return new Answer(-scores.nll(), greedy);
    }
}
