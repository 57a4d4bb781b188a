/** What a checkpoint is made of, from {@code config.json} alone: families as data, widths per layer, tensor shapes. */
package io.espalier.model.config;
