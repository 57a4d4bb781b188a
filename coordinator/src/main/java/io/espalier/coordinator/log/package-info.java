/**
 * The shell around the core: one loop reads requests and reports from Kafka, lets
 * {@link io.espalier.coordinator.job.Decider} decide, and publishes what follows, the new state of the jobs and the
 * consumed offsets in one transaction ({@link io.espalier.coordinator.log.JobLoop}).
 *
 * <p>State lives in {@code espalier.job-log}, a compacted topic with the same partitions as the inputs; whoever is
 * assigned a partition reads its state first ({@link io.espalier.coordinator.log.JobLogReader}). See
 * docs/decisions/0002-state-snapshots-in-a-compacted-topic.md.
 */
package io.espalier.coordinator.log;
