package io.espalier.system;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Runs {@code ./espalier} as a user does, in a process of its own, and remembers every process it started. */
final class Launcher {
    private static final long PATIENCE_MINUTES = 10;

    /** @param processes that it and its children started, seen while it ran */
    record Outcome(int status, String out, String err, Set<ProcessHandle> processes) {}

    private Launcher() {}

    static Outcome run(Path folder, String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), folder, arguments);
    }

    /** @param environment beside this process's own */
    static Outcome run(Map<String, String> environment, Path folder, String... arguments)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile("espalier", ".out");
        Path err = Files.createTempFile("espalier", ".err");
        List<String> command = new ArrayList<>(List.of(Repository.ROOT.resolve("espalier").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("ESPALIER_NO_BUILD", "1"); // the build that runs this test has built it
        builder.environment().putAll(environment);
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        Set<ProcessHandle> seen = new HashSet<>();
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(PATIENCE_MINUTES);
        while (!process.waitFor(200, TimeUnit.MILLISECONDS)) {
            process.descendants().forEach(seen::add);
            if (System.nanoTime() > end) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new IOException("still running after " + PATIENCE_MINUTES + " minutes: " + command + "\n"
                        + Files.readString(err));
            }
        }
        return new Outcome(process.exitValue(), read(out), read(err), seen);
    }

    private static String read(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } finally {
            Files.delete(file);
        }
    }
}
