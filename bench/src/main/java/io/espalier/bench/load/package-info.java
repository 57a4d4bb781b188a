/** What one coordinator carries, measured with workers that answer at once. */
package io.espalier.bench.load;
