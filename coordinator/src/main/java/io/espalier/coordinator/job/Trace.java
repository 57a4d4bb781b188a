package io.espalier.coordinator.job;

import java.time.Instant;

/**
 * The trace that a job belongs to, as W3C Trace Context writes it; kept with the job, so that whoever owns it next goes
 * on in the same trace.
 *
 * @param parent {@code traceparent} of the span in which the job was accepted
 * @param state  {@code tracestate}, null where there is none
 * @param since  when the job began, or was told to try again: each such run is a span of its own
 */
public record Trace(String parent, String state, Instant since) {
    /** The trace's id, 32 hexadecimal digits. */
    public String id() {
        return parent.split("-")[1];
    }

    Trace again(Instant at) {
        return new Trace(parent, state, at);
    }
}
