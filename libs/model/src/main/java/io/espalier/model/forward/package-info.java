/**
 * The decoder in reading order ({@code Embedding}, {@code DecoderBlock}, {@code Head}) and the machinery that runs it one
 * block at a time ({@code Streamer}).
 *
 * <p>
 * Shapes: B sequences, T tokens, d hidden size, Hq query heads, Hkv key-value heads, R = Hq / Hkv, Dh head size, I MLP
 * channels, V vocabulary. Everything is computed in fp32, whatever the checkpoint stores.
 *
 * <p>
 * Results of DJL operations belong to the manager of their first operand. So activations always stand left and weights
 * and constants right: all that a micro-batch makes lives and dies with the manager of its input.
 */
package io.espalier.model.forward;
