/**
 * Wiring of the coordinator: {@link io.espalier.coordinator.Coordinator} builds everything by constructors, in start
 * order; {@link io.espalier.coordinator.CoordinatorMain} is the process around it.
 *
 * <p>{@code job} decides, {@code log} records and publishes, {@code http} and {@code page} show and take commands,
 * {@code metrics} counts. No DJL anywhere.
 */
package io.espalier.coordinator;
