/** What must be removed together, and what it weighs. Numbers only: no tensors here. */
package io.espalier.pruning.group;
