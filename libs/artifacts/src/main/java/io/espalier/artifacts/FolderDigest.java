package io.espalier.artifacts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * SHA-256 over the files directly in a folder, sorted by name: of each its name, a zero byte and the 32 bytes of its own
 * SHA-256. The same as the model's {@code Checkpoint.digest()}, which names checkpoints in events; a test of the scoring
 * worker holds them together.
 */
public final class FolderDigest {
    private FolderDigest() {}

    public static String of(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(Files::isRegularFile).sorted(Comparator.comparing(file -> file.getFileName().toString()))
                    .toList();
        }
        var digest = Sha256.digest();
        for (Path file : files) {
            digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            digest.update(HexFormat.of().parseHex(Sha256.of(file)));
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
