/** What operators see of the coordinator: every meter is declared in one class. */
package io.espalier.coordinator.metrics;
