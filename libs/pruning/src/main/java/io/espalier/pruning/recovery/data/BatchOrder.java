package io.espalier.pruning.recovery.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;

/**
 * Which examples each optimizer step sees. A step's batch follows from the seed and its number alone, so a resumed run
 * needs no other data position than the step. Every epoch is shuffled anew; its last batch may be smaller.
 */
public final class BatchOrder {
    private final List<Example> examples;
    private final int batch;
    private final long seed;
    private int shuffledEpoch = -1;
    private List<Example> shuffled = List.of();

    public BatchOrder(List<Example> examples, int batch, long seed) {
        this.examples = List.copyOf(examples);
        this.batch = batch;
        this.seed = seed;
    }

    public int stepsPerEpoch() {
        return Math.ceilDiv(examples.size(), batch);
    }

    /**
     * The micro-batches of a step (counted from 0 over all epochs). Within the batch, examples of similar length stand
     * together, which saves padding and changes no sum.
     */
    public List<MicroBatch> step(int step, int microBatch) {
        int from = step % stepsPerEpoch() * batch;
        List<Example> of = new ArrayList<>(
                epoch(step / stepsPerEpoch()).subList(from, Math.min(from + batch, examples.size())));
        return split(of, microBatch);
    }

    /** Groups examples of similar length into micro-batches. */
    public static List<MicroBatch> split(List<Example> examples, int microBatch) {
        List<Example> sorted = new ArrayList<>(examples);
        sorted.sort(Comparator.comparingInt(Example::length).reversed());
        List<MicroBatch> micros = new ArrayList<>();
        for (int i = 0; i < sorted.size(); i += microBatch) {
            micros.add(MicroBatch.of(sorted.subList(i, Math.min(i + microBatch, sorted.size()))));
        }
        return micros;
    }

    private List<Example> epoch(int epoch) {
        if (epoch != shuffledEpoch) {
            shuffled = new ArrayList<>(examples);
            Collections.shuffle(shuffled, new Random(seed * 1_000_003 + epoch));
            shuffledEpoch = epoch;
        }
        return shuffled;
    }
}
