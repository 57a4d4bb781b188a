package io.espalier.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A folder on a file system of its own that can be filled up; needs the right to mount one (Linux, root). */
final class SmallDisk implements AutoCloseable {
    private static final int MEBIBYTES = 256;
    private static final int PIECE = 1 << 20;
    private static final long PATIENCE_SECONDS = 10;
    private static final String BALLAST = ".ballast";

    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
        // also when the user ends it: nobody else would take the mount away
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::unmount));
    }

    /** Empty where it cannot be mounted. */
    static Optional<SmallDisk> mount(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        return run(List.of("mount", "-t", "tmpfs", "-o", "size=" + MEBIBYTES + "m", "tmpfs", folder.toString()))
                ? Optional.of(new SmallDisk(folder))
                : Optional.empty();
    }

    private static boolean run(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(
                    ProcessBuilder.Redirect.DISCARD).start();
            return process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // there is no such program
        }
    }

    /** Until nothing more goes on it. */
    void fill() {
        var piece = new byte[PIECE];
        try (var out = Files.newOutputStream(folder.resolve(BALLAST))) {
            while (true) {
                out.write(piece);
            }
        } catch (IOException e) {
            // full, which is the point
        }
    }

    void free() throws IOException {
        Files.deleteIfExists(folder.resolve(BALLAST));
    }

    private void unmount() {
        try {
            run(List.of("umount", "--lazy", folder.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        unmount();
    }
}
