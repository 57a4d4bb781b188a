/** Checkpoints on disk: safetensors by memory map, checked before use, written whole or not at all. */
package io.espalier.model.weights;
