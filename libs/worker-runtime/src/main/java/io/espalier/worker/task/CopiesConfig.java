package io.espalier.worker.task;

import io.espalier.artifacts.S3Copies;
import io.espalier.platform.config.Settings;
import java.nio.file.Path;

/**
 * Where copies of what lies on S3 are kept: processes of one machine that name the same folder share them.
 *
 * @param mostBytes of all copies together, but for those in use
 */
public record CopiesConfig(Path folder, long mostBytes) {
    private static final int DEFAULT_GIBIBYTES = 200;

    /** Reads {@code copies.folder} (default: below {@code scratch}) and {@code copies.gibibytes}. */
    public static CopiesConfig from(Settings settings) {
        String scratch = settings.text("scratch", System.getProperty("java.io.tmpdir"));
        Path folder = Path.of(scratch, "espalier-copies-" + System.getProperty("user.name"));
        return new CopiesConfig(settings.text("copies.folder").map(Path::of).orElse(folder),
                (long) settings.integer("copies.gibibytes", DEFAULT_GIBIBYTES, 1, Integer.MAX_VALUE) << 30);
    }

    public S3Copies open() {
        return S3Copies.open(folder, mostBytes);
    }
}
