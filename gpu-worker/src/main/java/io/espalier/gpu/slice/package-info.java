/** SLICE tasks. */
package io.espalier.gpu.slice;
