/** A tree-structured Parzen estimator: minimises a function that is expensive to measure. Knows nothing of pruning. */
package io.espalier.pruning.method.tpe;
