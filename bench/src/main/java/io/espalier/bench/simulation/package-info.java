/** A deployment of any size in one thread and virtual time: the coordinator's own decisions, imagined workers. */
package io.espalier.bench.simulation;
