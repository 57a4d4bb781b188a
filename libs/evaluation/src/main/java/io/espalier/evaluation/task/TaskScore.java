package io.espalier.evaluation.task;

import java.util.List;

/**
 * A model's result in one task. In the harness's layout: {@code results.<task>."acc,none"} and
 * {@code "acc_stderr,none"}, for tasks with {@link ZeroShotTask#normalised} also {@code "acc_norm,none"} and
 * {@code "acc_norm_stderr,none"}; {@code versions.<task>} is {@link ZeroShotTask#version}, {@code n-shot} is 0,
 * {@code n-samples.<task>.effective} is {@code n}. {@code acc_bytes} is the harness's optional metric of that name.
 *
 * @param n questions
 */
public record TaskScore(ZeroShotTask task, int n, Share acc, Share accNorm, Share accBytes) {
    /**
     * @param choices one per question, in order
     */
    public static TaskScore of(ZeroShotTask task, List<Question> questions, List<Choice> choices) {
        int n = questions.size();
        if (n == 0 || choices.size() != n) {
            throw new IllegalArgumentException(choices.size() + " choices for " + n + " questions");
        }
        int plain = 0;
        int byCharacters = 0;
        int byBytes = 0;
        for (int i = 0; i < n; i++) {
            int gold = questions.get(i).gold();
            plain += choices.get(i).plain() == gold ? 1 : 0;
            byCharacters += choices.get(i).byCharacters() == gold ? 1 : 0;
            byBytes += choices.get(i).byBytes() == gold ? 1 : 0;
        }
        return new TaskScore(task, n, Share.of(plain, n), Share.of(byCharacters, n), Share.of(byBytes, n));
    }
}
