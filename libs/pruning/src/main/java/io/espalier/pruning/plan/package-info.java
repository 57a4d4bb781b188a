/** Scores in, plan out: pure arithmetic, no tensors. A plan is plain data in units of the original checkpoint. */
package io.espalier.pruning.plan;
