package io.espalier.scoring;

import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.InvalidTextException;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code ./espalier check} runs: {@code CheckMain REQUEST.json} or {@code CheckMain MODEL-FOLDER}. Prints what is
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
            Path subject = Path.of(args[0]);
            if (Files.isDirectory(subject)) {
                CheckReport.ofModel(subject).print(out);
            } else {
                PruningRequest request = new RequestReader()
                        .read(RequestReader.parse(Files.readString(subject)).root());
                CheckReport.ofRequest(Locations.path("model", request.model()), request).print(out);
            }
            return 0;
        } catch (PermanentFailureException | IllegalArgumentException
                | InvalidCheckpointException | UnsupportedModelException | InvalidTextException e) {
            err.println("espalier check: " + e.getMessage());
            return REFUSED;
        }
    }
}
