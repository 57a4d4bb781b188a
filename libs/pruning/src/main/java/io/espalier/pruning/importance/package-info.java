/** From weights and gradients to one score for each unit. */
package io.espalier.pruning.importance;
