/** What the methods' scorers share: walking a model block by block over samples, and sums in fp64. */
package io.espalier.pruning.method.stream;
