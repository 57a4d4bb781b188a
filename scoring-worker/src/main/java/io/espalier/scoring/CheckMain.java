package io.espalier.scoring;

import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.InvalidTextException;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.worker.task.CopiesConfig;
import io.espalier.worker.task.LocalCopies;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code ./espalier check} runs: {@code CheckMain REQUEST.json} or {@code CheckMain MODEL-FOLDER}, on
 * this machine or on S3. Prints what is
 * going to happen; exit status 2 with one clear sentence where it cannot. A folder with {@code config.json} alone is
 * checked by its shapes.
 */
public final class CheckMain {
    private static final int REFUSED = 2;

    private CheckMain() {}

    public static void main(String[] args) throws IOException {
        System.exit(run(args, System.out, System.err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) throws IOException {
        if (args.length != 1) {
            err.println("espalier check: give one request file or one checkpoint folder");
            return REFUSED;
        }
        try {
            check(args[0], out);
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return REFUSED;
        } catch (PermanentFailureException | IllegalArgumentException
                | InvalidCheckpointException | UnsupportedModelException | InvalidTextException e) {
            err.println("espalier check: " + e.getMessage());
            return REFUSED;
        }
    }

    private static void check(String subject, PrintStream out)
            throws IOException, InterruptedException, PermanentFailureException {
        var config = CopiesConfig.from(Settings.fromEnv(System.getenv()));
        try (var copies = config.open(); var here = new LocalCopies(copies, (received, all) -> {})) {
            if (LocalCopies.isRemote(subject)) {
                CheckReport.ofModel(Path.of(here.model(subject))).print(out);
            } else if (Files.isDirectory(Path.of(subject))) {
                CheckReport.ofModel(Path.of(subject)).print(out);
            } else {
                PruningRequest request = here.of(new RequestReader()
                        .read(RequestReader.parse(Files.readString(Path.of(subject))).root()));
                CheckReport.ofRequest(Locations.path("model", request.model()), request).print(out);
            }
        }
    }
}
