package io.espalier.bench.process;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.cli.stack.Installation;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Another program that does one thing and prints what it found as JSON on its last line. */
public final class Child {
    private static final long PATIENCE_MINUTES = 60;
    private static final int TAIL_LINES = 8;

    private Child() {}

    /** A main class of this build, with the flags of a worker. */
    public static JsonNode java(Class<?> main, List<String> arguments, Map<String, String> environment)
            throws IOException, InterruptedException {
        return run(command(main, arguments), environment);
    }

    static List<String> command(Class<?> main, List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(Installation.workerFlags());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return command;
    }

    /** @throws IOException with the end of its error output if it fails */
    public static JsonNode run(List<String> command, Map<String, String> environment)
            throws IOException, InterruptedException {
        Path errors = Files.createTempFile("espalier-bench-", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
            builder.environment().putAll(environment);
            builder.environment().put("OMP_WAIT_POLICY", "passive");
            builder.environment().put("OPT_OUT_TRACKING", "true");
            Process process = builder.start();
            String out = await(process);
            if (process.exitValue() != 0) {
                throw new IOException(command.getLast() + " failed: " + tail(Files.readString(errors)));
            }
            return Json.events().readTree(out.strip().lines().reduce((_, last) -> last).orElse("{}"));
        } finally {
            Files.delete(errors);
        }
    }

    private static String await(Process process) throws IOException, InterruptedException {
        try {
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(PATIENCE_MINUTES, TimeUnit.MINUTES)) {
                throw new IOException("a child still runs after " + PATIENCE_MINUTES + " minutes");
            }
            return out;
        } finally {
            process.destroyForcibly();
        }
    }

    private static String tail(String errors) {
        List<String> lines = errors.strip().lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
    }
}
