package io.espalier.pruning.method;

/**
 * What a method's repair of weights takes.
 *
 * @param bytes    the most that it holds beside one block and a micro-batch: copies of parts of the block, Gram matrices, what is
 *                 solved
 * @param unwanted the option that leaves it out, for people: {@code method.reformation: none}
 */
public record RepairNeed(long bytes, String unwanted) {}
