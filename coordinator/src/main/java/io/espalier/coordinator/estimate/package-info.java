/**
 * How long open jobs are likely to take: {@link io.espalier.coordinator.estimate.Estimates} learns from the snapshots of
 * all jobs what stages cost ({@link io.espalier.coordinator.estimate.History}), guesses what is left of each stage
 * ({@link io.espalier.coordinator.estimate.Guess}), and lets the workers go through the queue in thought
 * ({@link io.espalier.coordinator.estimate.Schedule}). Pure: no clock, no Kafka. See docs/decisions/0010.
 */
package io.espalier.coordinator.estimate;
