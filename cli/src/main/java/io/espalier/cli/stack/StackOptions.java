package io.espalier.cli.stack;

import java.nio.file.Path;

/**
 * What to start on this machine.
 *
 * @param data     folder of everything the stack keeps: broker, artifacts, logs
 * @param device   {@code auto}, {@code cpu} or {@code cuda:N}
 * @param httpPort of the coordinator; 0 means any free one
 */
public record StackOptions(int scoringWorkers, int gpuWorkers, int evalWorkers, Path data, String device,
        int httpPort) {}
