package io.espalier.scoring;

import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import java.nio.file.Path;

/** Requests as users write them, on the example model and its texts. */
final class Requests {
    static final Path STORIES = Path.of("../examples/models/stories").toAbsolutePath().normalize();
    static final Path CALIBRATION = Path.of("../examples/data/tinystories-calibration.jsonl").toAbsolutePath()
            .normalize();
    private static final RequestReader READER = new RequestReader();

    private Requests() {}

    static PruningRequest read(String yaml) {
        return READER.readAll(text(yaml)).getFirst();
    }

    /** {@code STORIES} and {@code TEXT} stand for the example's folder and calibration text. */
    static String text(String yaml) {
        return yaml.replace("STORIES", STORIES.toString()).replace("TEXT", CALIBRATION.toString());
    }
}
