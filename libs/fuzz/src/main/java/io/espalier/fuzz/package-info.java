/** Broken input for tests, the same for the same seed. */
package io.espalier.fuzz;
