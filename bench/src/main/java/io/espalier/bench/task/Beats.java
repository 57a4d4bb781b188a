package io.espalier.bench.task;

import java.util.ArrayList;
import java.util.List;

/** When a task counted its tokens: training does so after every step. */
public final class Beats {
    private record Beat(long nanos, long tokens) {}

    private final List<Beat> beats = new ArrayList<>();

    void tokens(long count) {
        beats.add(new Beat(System.nanoTime(), count));
    }

    public long tokens() {
        return beats.stream().mapToLong(Beat::tokens).sum();
    }

    public int count() {
        return beats.size();
    }

    /** Seconds between the first beat and the last: all steps but the first. */
    public double secondsAfterFirst() {
        return beats.size() < 2 ? 0 : (beats.getLast().nanos() - beats.getFirst().nanos()) / 1e9;
    }
}
