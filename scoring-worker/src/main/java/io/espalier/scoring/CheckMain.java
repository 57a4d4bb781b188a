package io.espalier.scoring;

import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.InvalidTextException;
import io.espalier.platform.config.Settings;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import io.espalier.worker.task.CopiesConfig;
import io.espalier.worker.task.LocalCopies;
import io.espalier.worker.task.Locations;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What {@code ./espalier check} runs: {@code CheckMain REQUEST.json|MODEL-FOLDER [json]}, on this machine or on S3.
 * Prints what is going to happen; exit status 2 with one clear sentence where it cannot. A folder with {@code config.json}
 * alone is checked by its shapes.
 */
public final class CheckMain {
    private static final int REFUSED = 2;

    private CheckMain() {}

    public static void main(String[] args) throws IOException {
        System.exit(run(args, System.out, System.err));
    }

    static int run(String[] args, PrintStream out, PrintStream err) throws IOException {
        boolean json = args.length == 2 && args[1].equals("json");
        if (args.length != 1 && !json) {
            err.println("espalier check: give one request file or one checkpoint folder");
            return REFUSED;
        }
        try {
            print(check(args[0]), json, out);
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return REFUSED;
        } catch (PermanentFailureException | IllegalArgumentException
                | InvalidCheckpointException | UnsupportedModelException | InvalidTextException e) {
            print(e, json, err);
            return REFUSED;
        }
    }

    private static void print(CheckReport report, boolean json, PrintStream out) {
        out.print(json ? report.json().toPrettyString() + System.lineSeparator() : report.text());
    }

    private static void print(Exception refusal, boolean json, PrintStream err) {
        err.println(json
                ? Json.events().createObjectNode().put("error", refusal.getMessage()).toPrettyString()
                : "espalier check: " + refusal.getMessage());
    }

    private static CheckReport check(String subject)
            throws IOException, InterruptedException, PermanentFailureException {
        var config = CopiesConfig.from(Settings.fromEnv(System.getenv()));
        try (var copies = config.open(); var here = new LocalCopies(copies, (received, all) -> {})) {
            if (LocalCopies.isRemote(subject)) {
                return CheckReport.ofModel(Path.of(here.model(subject)));
            }
            if (Files.isDirectory(Path.of(subject))) {
                return CheckReport.ofModel(Path.of(subject));
            }
            PruningRequest request = here.of(new RequestReader()
                    .read(RequestReader.parse(Files.readString(Path.of(subject))).root()));
            return CheckReport.ofRequest(Locations.path("model", request.model()), request);
        }
    }
}
