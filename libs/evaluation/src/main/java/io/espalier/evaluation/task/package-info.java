/**
 * The zero-shot tasks: files in, questions out, log-likelihoods in, scores out. No tensors here.
 *
 * <p>{@link io.espalier.evaluation.task.ZeroShotTask} lists the tasks; each has a {@code QuestionFormat} that turns one
 * row of the task's original file into a {@link io.espalier.evaluation.task.Question}, word for word as
 * lm-evaluation-harness 0.4 does. {@link io.espalier.evaluation.task.Choice} takes the model's answer to one question,
 * {@link io.espalier.evaluation.task.TaskScore} the sum of them.
 */
package io.espalier.evaluation.task;
