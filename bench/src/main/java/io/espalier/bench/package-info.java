/**
 * {@code ./espalier bench}: what the workers' own code reaches on this machine, each figure beside its limit.
 * {@link io.espalier.bench.Benchmarks} lists the benchmarks; {@link io.espalier.bench.Benchmark} is what one must be;
 * {@link io.espalier.bench.Bench} is what one may use. Nothing here is part of a deployment.
 */
package io.espalier.bench;
