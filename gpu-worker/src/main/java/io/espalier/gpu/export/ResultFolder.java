package io.espalier.gpu.export;

import io.espalier.model.weights.FileContent;
import io.espalier.worker.task.PermanentFailureException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A result folder that is there whole or not at all: everything is written beside it under another name, made durable,
 * and renamed at the end. What an earlier job wrote there is replaced; what else lies in its folder stays, results of other
 * jobs among it. Any other folder that is not empty is refused.
 */
final class ResultFolder implements AutoCloseable {
    /** What marks a folder as ours. */
    static final String MARK = "report.json";

    /** What a result consists of. */
    private static final Set<String> PARTS = Set.of(MARK, "model", "evaluation", "report.html", "results_lm_eval.json");

    private final Path target;
    private final Path staging;

    private ResultFolder(Path target, Path staging) {
        this.target = target;
        this.staging = staging;
    }

    /** @throws PermanentFailureException if the target holds something that is not ours */
    static ResultFolder stage(Path target) throws IOException, PermanentFailureException {
        refuseForeign(target);
        Path parent = target.toAbsolutePath().getParent();
        try {
            Files.createDirectories(parent);
            return new ResultFolder(target, Files.createDirectory(parent.resolve(
                    "." + target.getFileName() + "-" + UUID.randomUUID())));
        } catch (FileAlreadyExistsException e) {
            throw new PermanentFailureException("output.location: " + target + " cannot be made: " + e.getFile()
                    + " is a file or a link to nowhere, not a folder", e);
        }
    }

    private static void refuseForeign(Path target) throws IOException, PermanentFailureException {
        if (Files.exists(target) && !Files.isDirectory(target)) {
            throw new PermanentFailureException("output.location: " + target + " is a file, not a folder");
        }
        if (Files.isDirectory(target) && !Files.exists(target.resolve(MARK))) {
            try (Stream<Path> content = Files.list(target)) {
                if (content.findAny().isPresent()) {
                    throw new PermanentFailureException("output.location: " + target
                            + " is not empty and was not written by Espalier; name another folder or empty it");
                }
            }
        }
    }

    /** Where to write. */
    Path path() {
        return staging;
    }

    /** Puts the folder in its place; an older result goes away only after the new one is complete. */
    void publish() throws IOException {
        for (Path file : regularFiles(staging)) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
        Path old = staging.resolveSibling(staging.getFileName() + ".old");
        if (Files.exists(target)) {
            Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
        }
        Files.move(staging, target, StandardCopyOption.ATOMIC_MOVE);
        keepOthers(old);
        deleteTree(old);
    }

    /** Before anything is deleted, and by renaming: whoever dies in between has lost nothing. */
    private void keepOthers(Path old) throws IOException {
        if (!Files.exists(old)) {
            return;
        }
        try (Stream<Path> entries = Files.list(old)) {
            for (Path entry : entries.filter(each -> !PARTS.contains(each.getFileName().toString())).toList()) {
                Files.move(entry, target.resolve(entry.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    /** Removes what was staged and not published. */
    @Override
    public void close() {
        deleteTree(staging);
    }

    /** Copies the content alone: artifacts are read-only, results are the user's. */
    static void copy(Path from, Path to) throws IOException {
        FileContent.copy(from, to, StandardOpenOption.CREATE_NEW);
    }

    static List<Path> regularFiles(Path folder) throws IOException {
        try (Stream<Path> walk = Files.walk(folder)) {
            return walk.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static void deleteTree(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + folder, e);
        }
    }
}
