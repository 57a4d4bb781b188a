package io.espalier.evaluation.cost;

/**
 * What running a model costs on this machine with this engine, in fp32.
 *
 * @param peakMemoryBytes weights, cache and activations, at the peak of one run with no other model loaded
 */
public record Cost(Latency latency, long peakMemoryBytes) {}
