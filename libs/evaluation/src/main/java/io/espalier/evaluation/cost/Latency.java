package io.espalier.evaluation.cost;

/**
 * How long a model takes on this machine with this engine, in fp32.
 *
 * @param prefill a prompt at once, up to the logits behind its last token
 * @param decode  one more token with a key-value cache
 * @param rounds  of how many runs these are the medians
 */
public record Latency(Timing prefill, Timing decode, int rounds) {}
