/** Measures what candidates of an iterative method would be worth, without cutting them. */
package io.espalier.pruning.method.measure;
