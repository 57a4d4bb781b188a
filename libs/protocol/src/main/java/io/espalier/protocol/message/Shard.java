package io.espalier.protocol.message;

/**
 * The part of the model and of the data that one task covers; all ranges half-open.
 *
 * @param fromLayer  first layer
 * @param toLayer    one behind the last layer
 * @param fromSample first calibration sample
 * @param toSample   one behind the last calibration sample
 */
public record Shard(int fromLayer, int toLayer, int fromSample, int toSample) {
    public Shard {
        if (fromLayer < 0 || toLayer < fromLayer || fromSample < 0 || toSample < fromSample) {
            throw new IllegalArgumentException("not a shard: layers " + fromLayer + ".." + toLayer + ", samples "
                    + fromSample + ".." + toSample);
        }
    }
}
