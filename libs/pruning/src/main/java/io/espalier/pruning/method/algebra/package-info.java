/** Dense linear algebra in fp64, in the engine's memory and on its device: what the least-squares methods need of it. */
package io.espalier.pruning.method.algebra;
