/** Broken input for tests, the same for the same seed, and what it leaves behind in memory. */
package io.espalier.fuzz;
