/**
 * Measures a decoder: {@link io.espalier.evaluation.Perplexity} by protocol,
 * {@link io.espalier.evaluation.ZeroShot} tasks, and what it costs ({@code cost}). Has never heard of jobs.
 */
package io.espalier.evaluation;
