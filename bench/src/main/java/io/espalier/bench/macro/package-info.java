/** Benchmarks of whole tasks, of processes and of the system; each runs what a deployment runs. */
package io.espalier.bench.macro;
