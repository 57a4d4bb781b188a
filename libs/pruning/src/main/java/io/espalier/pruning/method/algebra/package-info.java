/** Dense linear algebra in fp64 on the heap, a thin layer over EJML: what the least-squares methods need of it. */
package io.espalier.pruning.method.algebra;
