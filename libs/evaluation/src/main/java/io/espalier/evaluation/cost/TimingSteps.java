package io.espalier.evaluation.cost;

import io.espalier.evaluation.Progress;

/** Counts runs for the progress. */
final class TimingSteps {
    private int all;
    private final Progress progress;
    private int done;

    TimingSteps(int all, Progress progress) {
        this.all = all;
        this.progress = progress;
    }

    /** There will be so many less. */
    void skip(int runs) {
        all -= runs;
    }

    void done(int steps, long tokens) throws InterruptedException {
        done += steps;
        progress.advanced((double) done / all, tokens);
    }

    /** So much of the next steps is done. */
    void within(double steps, long tokens) throws InterruptedException {
        progress.advanced((done + steps) / all, tokens);
    }
}
