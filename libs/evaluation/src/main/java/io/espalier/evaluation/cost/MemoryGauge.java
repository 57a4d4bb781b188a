package io.espalier.evaluation.cost;

/** Measures memory between two moments. */
public interface MemoryGauge {
    /** Remembers what is in use now and forgets the peak so far. */
    void start();

    /** Greatest use since {@link #start}, above what was in use then, in bytes; 0 where it cannot be known. */
    long peakBytes();
}
