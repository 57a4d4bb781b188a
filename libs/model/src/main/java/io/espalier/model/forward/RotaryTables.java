package io.espalier.model.forward;

import io.espalier.model.config.Rope;
import java.util.List;

/**
 * Cosines and sines by which rotary embeddings turn, on the heap.
 *
 * @param cosines [positions, pairs]
 * @param sines   likewise
 * @param pairs   of dimensions that turn in each head
 */
record RotaryTables(float[] cosines, float[] sines, int pairs) {
    static RotaryTables of(Rope rope, int start, int length) {
        double[] frequencies = rope.frequencies(start + length);
        double amplitude = rope.scaling().amplitude();
        var c = new float[length * frequencies.length];
        var s = new float[c.length];
        for (int t = 0; t < length; t++) {
            for (int i = 0; i < frequencies.length; i++) {
                float angle = (start + t) * (float) frequencies[i]; // in fp32, as the models were trained
                c[t * frequencies.length + i] = (float) (amplitude * Math.cos(angle));
                s[t * frequencies.length + i] = (float) (amplitude * Math.sin(angle));
            }
        }
        return new RotaryTables(c, s, frequencies.length);
    }

    /** Rows of a table, one after the other. */
    float[] at(float[] table, List<int[]> places) {
        float[] rows = new float[places.stream().mapToInt(row -> row.length).sum() * pairs];
        int to = 0;
        for (int[] sequence : places) {
            for (int place : sequence) {
                System.arraycopy(table, place * pairs, rows, to, pairs);
                to += pairs;
            }
        }
        return rows;
    }
}
