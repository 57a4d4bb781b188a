package io.espalier.pruning.method.tpe;

/**
 * A point of the space and what was measured there.
 *
 * @param point one value for each parameter
 * @param value low is good; NaN counts as worst
 */
public record Trial(double[] point, double value) {}
