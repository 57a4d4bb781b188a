package io.espalier.artifacts;

import io.espalier.artifacts.ArtifactStore.Collected;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ArtifactRef.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Mark and sweep over a folder store. A writer that finds its content there already touches it and may name it from now
 * on; hence a file is renamed first and looked at again: if it was touched meanwhile, it goes back.
 */
final class Sweeper {
    /** Entries only save work: a result that nobody made again for so long is made again when it is wanted. */
    private static final Duration ENTRY_LIFE = Duration.ofDays(30);

    private final Layout layout;
    private final DurableWriter writer;

    Sweeper(Layout layout, DurableWriter writer) {
        this.layout = layout;
        this.writer = writer;
    }

    Collected sweep(Set<ArtifactRef> live, Instant before) throws IOException {
        Set<String> trees = live.stream().filter(artifact -> artifact.kind() == Kind.TREE).map(ArtifactRef::sha256)
                .collect(Collectors.toSet());
        Collected swept = sweepTrees(trees, before);
        sweepFolder(layout.entries(), Set.of(), Instant.now().minus(ENTRY_LIFE));
        // young trees are still there and keep their files, live or not
        Set<String> files = namedByTrees();
        live.stream().filter(artifact -> artifact.kind() == Kind.FILE).map(ArtifactRef::sha256).forEach(files::add);
        return sum(swept, sweepFolder(layout.files(), files, before));
    }

    /** Digests of all files that some tree in the store holds. */
    Set<String> namedByTrees() throws IOException {
        var named = new HashSet<String>();
        for (Path listing : stored(layout.trees())) {
            try {
                TreeListing.parse(Files.readAllBytes(listing)).files().forEach(item -> named.add(item.sha256()));
            } catch (NoSuchFileException e) {
                // swept by another process meanwhile
            }
        }
        return named;
    }

    private Collected sweepTrees(Set<String> keep, Instant before) throws IOException {
        Collected swept = sweepFolder(layout.trees(), keep, before);
        for (Path view : stored(layout.views())) {
            if (!Files.exists(layout.trees().resolve(layout.views().relativize(view)))) {
                Folders.delete(view);
            }
        }
        return swept;
    }

    private Collected sweepFolder(Path folder, Set<String> keep, Instant before) throws IOException {
        var swept = new Collected(0, 0);
        for (Path stored : stored(folder)) {
            if (!keep.contains(stored.getFileName().toString())) {
                swept = sum(swept, sweep(stored, before));
            }
        }
        return swept;
    }

    private Collected sweep(Path stored, Instant before) throws IOException {
        try {
            if (!isOlder(stored, before)) {
                return new Collected(0, 0);
            }
            Path away = writer.freshPath();
            Files.move(stored, away, StandardCopyOption.ATOMIC_MOVE);
            if (!isOlder(away, before)) { // touched between the two looks
                Files.move(away, stored, StandardCopyOption.ATOMIC_MOVE);
                return new Collected(0, 0);
            }
            long bytes = Files.size(away);
            Files.delete(away);
            return new Collected(1, bytes);
        } catch (NoSuchFileException e) {
            return new Collected(0, 0); // another collector was quicker
        }
    }

    private static boolean isOlder(Path file, Instant than) throws IOException {
        return Files.getLastModifiedTime(file).toInstant().isBefore(than);
    }

    /** Everything two levels below a folder: {@code ab/ab34…}. */
    private static List<Path> stored(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(folder, 2)) {
            return all.filter(path -> path.getNameCount() == folder.getNameCount() + 2).toList();
        }
    }

    private static Collected sum(Collected a, Collected b) {
        return new Collected(a.artifacts() + b.artifacts(), a.bytes() + b.bytes());
    }
}
