/** Applies a plan to a checkpoint. */
package io.espalier.pruning.surgery;
