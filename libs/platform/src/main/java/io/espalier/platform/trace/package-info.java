/**
 * Distributed traces: off unless the standard {@code OTEL_*} variables ask for them, W3C context in record headers, and
 * span ids that any process can compute, so that a restarted coordinator goes on in the same trace.
 */
package io.espalier.platform.trace;
