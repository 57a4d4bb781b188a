/**
 * The HTTP interface: {@link io.espalier.coordinator.http.HttpServerVerticle} serves the operations of
 * {@link io.espalier.coordinator.http.Operation}, which openapi.json describes; every error is one
 * {@link io.espalier.coordinator.http.Problem}. Reads come from {@link io.espalier.coordinator.log.JobsView}, writes are
 * commands on the request topic: this package owns no state.
 */
package io.espalier.coordinator.http;
