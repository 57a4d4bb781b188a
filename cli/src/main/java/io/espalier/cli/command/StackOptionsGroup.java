package io.espalier.cli.command;

import io.espalier.cli.request.UsageException;
import io.espalier.cli.stack.StackOptions;
import java.nio.file.Path;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** What to start on this machine. */
final class StackOptionsGroup {
    private static final Pattern DEVICE = Pattern.compile("auto|cpu|cuda:[0-9]{1,3}");

    @Option(names = "--scoring-workers", paramLabel = "N", defaultValue = "1", description = "Scoring workers (${DEFAULT-VALUE}).")
    private int scoringWorkers;

    @Option(names = "--gpu-workers", paramLabel = "N", defaultValue = "1", description = "GPU workers (${DEFAULT-VALUE}).")
    private int gpuWorkers;

    @Option(names = "--eval-workers", paramLabel = "N", defaultValue = "1", description = "Evaluation workers (${DEFAULT-VALUE}).")
    private int evalWorkers;

    @Option(names = "--device", paramLabel = "DEVICE", defaultValue = "auto", description = "auto, cpu or cuda:N (${DEFAULT-VALUE}).")
    private String device;

    StackOptions options(Path data, int httpPort) throws UsageException {
        if (!DEVICE.matcher(device).matches()) {
            throw new UsageException("--device " + device + ": write auto, cpu or cuda:N");
        }
        return new StackOptions(atLeastOne("--scoring-workers", scoringWorkers),
                atLeastOne("--gpu-workers", gpuWorkers), atLeastOne("--eval-workers", evalWorkers), data, device,
                httpPort);
    }

    private static int atLeastOne(String option, int count) throws UsageException {
        if (count < 1 || count > 256) {
            throw new UsageException(option + " " + count + ": every kind needs 1 to 256 workers");
        }
        return count;
    }
}
