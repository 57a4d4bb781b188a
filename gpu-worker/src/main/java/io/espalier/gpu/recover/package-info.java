/** RECOVER tasks. */
package io.espalier.gpu.recover;
