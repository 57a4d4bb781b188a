package io.espalier.cli.stack;

import io.espalier.platform.process.ReadyLine;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One process of the stack. Both its streams go to its log; the {@code READY} line on its standard output is kept. It
 * ignores SIGINT, which a terminal sends to all processes at once: stopping in order is the stack's business.
 */
public final class ChildProcess {
    private static final String SHELL = "/bin/sh";

    private final String name;
    private final Path log;
    private final Process process;
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private ChildProcess(String name, Path log, Process process) {
        this.name = name;
        this.log = log;
        this.process = process;
    }

    public static ChildProcess start(String name, List<String> command, Map<String, String> environment, Path log)
            throws IOException {
        List<String> line = new ArrayList<>(List.of(SHELL, "-c", "trap '' INT; exec \"$0\" \"$@\""));
        line.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().keySet().removeIf(key -> key.startsWith("ESPALIER_KAFKA_")); // of another cluster
        builder.environment().putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        ChildProcess child = new ChildProcess(name, log, builder.start());
        Thread.ofVirtual().name(name + "-output").start(child::readOutput);
        return child;
    }

    private void readOutput() {
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(ReadyLine.PREFIX)) {
                    ready.complete(line.substring(ReadyLine.PREFIX.length()).strip());
                }
                Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
        } catch (IOException e) {
            ready.completeExceptionally(e); // its end, which the stack sees, says more
        }
        ready.completeExceptionally(new IOException("ended"));
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public CompletableFuture<Process> onExit() {
        return process.onExit();
    }

    /** What stands behind {@code READY}. */
    public String awaitReady(Duration patience) throws StackException, InterruptedException {
        try {
            return ready.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new StackException(name + " is not ready after " + patience.toSeconds() + " s" + tail(), e);
        } catch (ExecutionException e) {
            process.waitFor(5, TimeUnit.SECONDS);
            throw new StackException(name + " ended before it was ready (" + ending() + ")" + tail(), e);
        }
    }

    /** How it ended: {@code status 1} or {@code signal 9}. */
    public String ending() {
        if (process.isAlive()) {
            return "still running";
        }
        int status = process.exitValue();
        return status > 128 ? "signal " + (status - 128) : "status " + status;
    }

    public String tail() {
        return LogTail.of(log);
    }

    /** Asks it to stop, and ends it the hard way when it takes too long. */
    public void stop(Duration patience) {
        process.destroy();
        try {
            if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
