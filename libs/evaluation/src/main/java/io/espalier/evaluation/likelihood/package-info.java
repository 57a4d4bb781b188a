/**
 * Log-likelihoods of token spans: {@link io.espalier.evaluation.likelihood.PairEncoder} makes spans from texts,
 * {@link io.espalier.evaluation.likelihood.SpanScorer} runs them through a model, block by block.
 */
package io.espalier.evaluation.likelihood;
