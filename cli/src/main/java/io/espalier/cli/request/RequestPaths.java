package io.espalier.cli.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestPlaces;
import io.espalier.protocol.request.RequestProblem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the files and folders that a request names can be read on this machine. */
public final class RequestPaths {
    private RequestPaths() {}

    /** @throws InvalidRequestException that names every input on this machine that cannot be read */
    public static void requireInputs(ObjectNode request) {
        List<RequestProblem> problems = new ArrayList<>();
        RequestPlaces.inputs(request).forEach(place -> RequestPlaces.local(place.location())
                .flatMap(path -> wrong(place.pointer(), path))
                .ifPresent(message -> problems.add(new RequestProblem(place.pointer(), message))));
        if (!problems.isEmpty()) {
            throw new InvalidRequestException(problems);
        }
    }

    private static Optional<String> wrong(String pointer, Path path) {
        if (Files.notExists(path)) {
            return Optional.of("there is no " + path);
        }
        if (pointer.endsWith("/model") && !Files.isRegularFile(path.resolve("config.json"))) {
            return Optional.of(path + " is not a Hugging Face checkpoint folder: it has no config.json");
        }
        return Files.isReadable(path) ? Optional.empty() : Optional.of(path + " cannot be read");
    }
}
