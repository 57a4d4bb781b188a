/**
 * Weight repair after columns of an output projection were cut: the kept columns take over what the cut ones did, in
 * the least-squares sense on the calibration data. Used by {@code numerical} (compensation) and {@code search}
 * (reformation).
 */
package io.espalier.pruning.method.repair;
