/**
 * The worker for what writes models: {@code slice} cuts, {@code recover} trains, {@code export} puts the result where the
 * user wants it. {@link io.espalier.gpu.GpuWorker} wires them. It also runs without a GPU.
 */
package io.espalier.gpu;
