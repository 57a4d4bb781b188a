/** Runs the workers' own task handlers outside a worker, and measures them. */
package io.espalier.bench.task;
