package io.espalier.pruning.recovery;

/**
 * Losses at a step: mean negative log-likelihood of the tokens that count.
 *
 * @param step       optimizer steps done; 0 is the model without recovery
 * @param train      of this step's batch, before the step; null at step 0
 * @param validation null where this step was not validated
 */
public record LossPoint(int step, Double train, Double validation) {}
