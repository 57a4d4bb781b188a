package io.espalier.pruning.method;

import io.espalier.model.forward.MicroBatches;

/** Carries progress and interruption through the passes of libs/model, whose visitors may not throw checked exceptions. */
public final class PassProgress {
    private final Progress progress;
    private final long steps;
    private final long tokens;
    private long done;
    private long told;

    /**
     * @param steps  calls of {@link #step} that make a whole, weights counted
     * @param tokens tokens worked on in all of them
     */
    public PassProgress(Progress progress, long steps, long tokens) {
        this.progress = progress;
        this.steps = steps;
        this.tokens = tokens;
    }

    /** Of a pass forwards and backwards: a step for each micro-batch and layer in either direction. */
    public static PassProgress thereAndBack(Progress progress, MicroBatches tokens, int layers) {
        return new PassProgress(progress, 2L * tokens.count() * layers, (long) tokens.sequences()
                * tokens.get(0)[0].length);
    }

    /** Steps that somebody else has taken and told of. */
    public void skip(int taken) {
        done += taken;
        told = reached();
    }

    private long reached() {
        return tokens * Math.min(done, steps) / steps;
    }

    /** Reports a step; ends the pass if the work is no longer wanted. */
    public void step(int weight) {
        done += weight;
        long reached = reached();
        progress.tokens(reached - told);
        told = reached;
        tell(null);
    }

    /** Nothing is done meanwhile; ends the pass if the work is no longer wanted. */
    public void waiting(String message) {
        tell(message);
    }

    private void tell(String message) {
        try {
            progress.at((double) Math.min(done, steps) / steps, message);
        } catch (InterruptedException e) {
            throw new Ended(e);
        }
    }

    /** A pass whose visitor calls {@link #step}. */
    @FunctionalInterface
    public interface Pass<T> {
        T run() throws InterruptedException;
    }

    public static <T> T run(Pass<T> pass) throws InterruptedException {
        try {
            return pass.run();
        } catch (Ended e) {
            throw e.interruption;
        }
    }

    private static final class Ended extends RuntimeException {
        private final transient InterruptedException interruption;

        Ended(InterruptedException interruption) {
            super(interruption);
            this.interruption = interruption;
        }
    }
}
