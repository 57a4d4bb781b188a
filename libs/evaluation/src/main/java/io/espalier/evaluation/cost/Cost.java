package io.espalier.evaluation.cost;

/**
 * What running a model costs on this machine with this engine, in fp32.
 *
 * @param prefillMillis        a prompt at once, up to the logits behind its last token
 * @param decodeMillisPerToken one more token with a key-value cache
 * @param peakMemoryBytes      weights, cache and activations, at the peak of one such run with no other model loaded
 */
public record Cost(double prefillMillis, double decodeMillisPerToken, long peakMemoryBytes) {}
