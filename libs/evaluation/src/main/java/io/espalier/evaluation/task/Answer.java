package io.espalier.evaluation.task;

/**
 * What a model says to a {@link Request}.
 *
 * @param logLikelihood sum of the natural logarithms of the continuation's token probabilities
 * @param greedy        whether greedy decoding would have written the continuation
 */
public record Answer(double logLikelihood, boolean greedy) {}
