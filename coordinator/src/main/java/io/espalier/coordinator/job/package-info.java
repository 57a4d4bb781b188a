/**
 * The pure core of the coordinator: no Kafka, no Vert.x, no clock, no randomness; time comes in with the inputs.
 *
 * <p>{@link io.espalier.coordinator.job.Decider#decide} turns a {@link io.espalier.coordinator.job.Job} and an
 * {@link io.espalier.coordinator.job.Input} into {@link io.espalier.coordinator.job.JobEvent}s and changes nothing;
 * {@link io.espalier.coordinator.job.Job#replay} alone changes state. A {@link io.espalier.coordinator.job.Pipeline}
 * makes the job's list of stages from the request; each {@link io.espalier.coordinator.job.Stage} says which work it
 * opens and what follows from what its tasks found. Restart, fail-over, unit test and simulation run the same code.
 */
package io.espalier.coordinator.job;
