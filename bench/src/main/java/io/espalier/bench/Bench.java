package io.espalier.bench;

import io.espalier.bench.model.RandomModels;
import io.espalier.bench.python.Python;
import io.espalier.cli.request.UsageException;
import io.espalier.cli.stack.Installation;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** What a benchmark may use: options, a folder that goes when the run ends, models, the Python peer, a line to the user. */
public final class Bench implements AutoCloseable {
    private final BenchOptions options;
    private final PrintStream progress;
    private final Path folder;
    private final RandomModels models;
    private Optional<Python> python;

    /** @param progress one line at a time on what is going on */
    public Bench(BenchOptions options, PrintStream progress) throws IOException {
        this.options = options;
        this.progress = progress;
        this.folder = Files.createTempDirectory("espalier-bench-");
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("bench-tidies").unstarted(this::tidy));
        this.models = new RandomModels(options.home(),
                options.models() == null ? folder.resolve("models") : options.models(), this::say);
    }

    public BenchOptions options() {
        return options;
    }

    /** Of the whole run; make your own below it. */
    public Path folder() {
        return folder;
    }

    public RandomModels models() {
        return models;
    }

    /** A Python that imports torch; empty where there is none or none is wanted. */
    public Optional<Python> python() throws IOException, UsageException, InterruptedException {
        if (python == null) {
            python = Python.find(options.python(), options.home());
        }
        return python;
    }

    /** Commands of the programs of a stack, from this build. */
    public Installation installation() {
        return new Installation(options.home(), Path.of(System.getProperty("java.home"), "bin", "java"));
    }

    public void say(String line) {
        progress.println("bench: " + line);
    }

    /** The user broke it off: children end by themselves, the folder does not. */
    private void tidy() {
        try {
            close();
        } catch (IOException e) {
            say("cannot delete " + folder + ": " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        if (Files.notExists(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
