package io.espalier.bench.task;

/** Repetitions of one measurement: the shortest is the one that other work on the machine disturbed least. */
public final class Repeated {
    /** What is repeated; returns its seconds. */
    @FunctionalInterface
    public interface Timed {
        double run() throws Exception;
    }

    private Repeated() {}

    public static double shortest(int times, Timed timed) throws Exception {
        double best = Double.POSITIVE_INFINITY;
        for (int i = 0; i < times; i++) {
            best = Math.min(best, timed.run());
        }
        return best;
    }

    /** Seconds that something takes. */
    public static double seconds(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return (System.nanoTime() - start) / 1e9;
    }
}
