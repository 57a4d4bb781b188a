/**
 * The one loop of all workers. {@link io.espalier.worker.task.WorkerProcess} starts a
 * {@link io.espalier.worker.task.Worker}, which takes one task at a time from a share group, runs its handler on a thread
 * of its own, renews the lease meanwhile and reports how it went.
 */
package io.espalier.worker.task;
