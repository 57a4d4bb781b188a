/** From a text file to the micro-batches of a step: no tensors, no state, everything follows from a seed. */
package io.espalier.pruning.recovery.data;
