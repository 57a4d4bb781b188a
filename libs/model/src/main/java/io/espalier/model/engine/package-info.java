/** DJL's PyTorch engine with its traps taken care of in one place. */
package io.espalier.model.engine;
