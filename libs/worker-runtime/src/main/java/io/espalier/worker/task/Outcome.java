package io.espalier.worker.task;

import java.util.Locale;

/** How an attempt ended, as the metrics name it. */
public enum Outcome {
    SUCCEEDED, CACHED, FAILED, CANCELLED, DRAINED, LEASE_LOST;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
