package io.espalier.cli.request;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.RequestPlaces;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where results go: never over a folder that holds something else. */
public final class OutputFolder {
    private static final String OURS = "report.json";
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private OutputFolder() {}

    /** {@code --out}: the folder of a single job, or the one above the jobs of a sweep. */
    public static void set(List<ObjectNode> requests, Path out) {
        for (int i = 0; i < requests.size(); i++) {
            Path location = requests.size() == 1 ? out : out.resolve(Integer.toString(i + 1));
            requests.get(i).withObjectProperty("output").put("location", location.toString());
        }
    }

    /** The result folder of a request, if it is on this machine. */
    public static Optional<Path> of(ObjectNode request) {
        return RequestPlaces.local(request.at("/output/location").asText());
    }

    /**
     * Refuses a folder that is not empty and was not written by an earlier job.
     *
     * @param force move such a folder aside instead, under a name with the time
     * @return the new name of a folder that was moved
     */
    public static Optional<Path> guard(Path folder, boolean force) throws UsageException {
        try {
            if (!isForeign(folder)) {
                return Optional.empty();
            }
            if (!force) {
                throw new UsageException(
                        "/output/location: " + folder + " is not empty and was not written by Espalier;"
                                + " name another folder with --out, or move it aside with --force");
            }
            Path aside = folder.resolveSibling(folder.getFileName() + ".before-" + STAMP.format(LocalDateTime.now()));
            return Optional.of(Files.move(folder, aside));
        } catch (IOException e) {
            throw new UsageException("/output/location: " + folder + " cannot be used: " + e, e);
        }
    }

    private static boolean isForeign(Path folder) throws IOException {
        if (Files.notExists(folder)) {
            return false;
        }
        if (!Files.isDirectory(folder)) {
            return true;
        }
        if (Files.isRegularFile(folder.resolve(OURS))) {
            return false;
        }
        try (Stream<Path> content = Files.list(folder)) {
            return content.findAny().isPresent();
        }
    }
}
