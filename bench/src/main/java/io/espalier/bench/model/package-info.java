/** What benchmarks run on: models with random weights of any shape, and texts. */
package io.espalier.bench.model;
