package io.espalier.pruning.method;

/** Hears how far long work is, and stops it. */
public interface Progress {
    /**
     * @param done    share done, 0 to 1
     * @param message one line for people, or null
     * @throws InterruptedException if the work is no longer wanted here
     */
    void at(double done, String message) throws InterruptedException;

    /** Counts tokens worked on. */
    default void tokens(long count) {}

    /** Listens to nobody. */
    Progress NONE = (_, _) -> {};
}
