/** Measurements that need a process of their own: a peak of memory, a worker that lives long. */
package io.espalier.bench.process;
