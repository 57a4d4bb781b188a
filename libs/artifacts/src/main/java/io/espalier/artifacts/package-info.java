/** Immutable files by content hash, on a shared folder or behind any other store of the same promise. */
package io.espalier.artifacts;
