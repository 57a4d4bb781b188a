package io.espalier.artifacts;

import io.espalier.artifacts.DurableWriter.Draft;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ArtifactRef.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A store on a folder that all processes share; any number of them may read, write and collect at the same time.
 * Nothing is locked: names are given by atomic renames, and what was written lately is never collected.
 */
public final class FileArtifactStore implements ArtifactStore {
    private final Layout layout;
    private final DurableWriter writer;
    private final Verifier verifier = new Verifier();
    private final ArtifactMeter meter;

    private FileArtifactStore(Layout layout, DurableWriter writer, ArtifactMeter meter) {
        this.layout = layout;
        this.writer = writer;
        this.meter = meter;
    }

    /** Makes the folder if it is not there and clears what crashed writers left. */
    public static FileArtifactStore open(Path root, ArtifactMeter meter) throws IOException {
        var layout = new Layout(root.toAbsolutePath().normalize());
        var writer = new DurableWriter(layout.temporary());
        writer.deleteAbandoned();
        return new FileArtifactStore(layout, writer, meter);
    }

    @Override
    public ArtifactRef putFile(Path file) throws IOException {
        try (var content = Files.newInputStream(file)) {
            return put(content);
        }
    }

    @Override
    public ArtifactRef putBytes(byte[] bytes) throws IOException {
        return put(new ByteArrayInputStream(bytes));
    }

    @Override
    public ArtifactRef putTree(Path folder) throws IOException {
        var items = new ArrayList<TreeListing.Item>();
        for (Path file : regularFiles(folder)) {
            ArtifactRef stored = putFile(file);
            String name = folder.relativize(file).toString().replace(file.getFileSystem().getSeparator(), "/");
            items.add(new TreeListing.Item(name, stored.sha256(), stored.bytes()));
        }
        return putListing(new TreeListing(items));
    }

    ArtifactRef putListing(TreeListing listing) throws IOException {
        keep(writer.write(new ByteArrayInputStream(listing.json())), layout.of(listing.ref()));
        return listing.ref();
    }

    @Override
    public Path file(ArtifactRef artifact) throws IOException {
        Path file = layout.of(artifact);
        verifier.verify(file, artifact.sha256());
        meter.read(artifact.bytes());
        return file;
    }

    @Override
    public Path tree(ArtifactRef artifact) throws IOException {
        TreeListing listing = listing(artifact);
        Path view = layout.view(artifact);
        TreeView.Content content = item -> file(item.file());
        if (Files.isDirectory(view)) {
            if (TreeView.isIntact(listing, view, content, verifier)) {
                return view;
            }
            moveAway(view);
        }
        Path draft = writer.freshPath();
        TreeView.build(listing, draft, content);
        publishView(draft, view);
        return view;
    }

    @Override
    public InputStream open(ArtifactRef artifact) throws IOException {
        return Files.newInputStream(file(artifact));
    }

    @Override
    public boolean contains(ArtifactRef artifact) throws IOException {
        if (!Files.exists(layout.of(artifact))) {
            return false;
        }
        if (artifact.kind() == Kind.TREE) {
            return listing(artifact).files().stream().allMatch(item -> Files.exists(layout.of(item.file())));
        }
        return true;
    }

    @Override
    public Optional<byte[]> entry(String key) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(layout.entry(key)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void putEntry(String key, byte[] value) throws IOException {
        writer.publishFirst(writer.write(new ByteArrayInputStream(value)), layout.entry(key));
    }

    @Override
    public void replaceEntry(String key, byte[] value) throws IOException {
        writer.publish(writer.write(new ByteArrayInputStream(value)), layout.entry(key));
    }

    @Override
    public void deleteEntry(String key) throws IOException {
        Files.deleteIfExists(layout.entry(key));
    }

    @Override
    public void delete(ArtifactRef artifact) throws IOException {
        if (artifact.kind() == Kind.FILE) {
            Files.deleteIfExists(layout.of(artifact));
        } else if (Files.exists(layout.of(artifact))) {
            TreeListing listing = listing(artifact);
            Files.deleteIfExists(layout.of(artifact));
            moveAway(layout.view(artifact));
            Set<String> shared = new Sweeper(layout, writer).namedByTrees();
            for (TreeListing.Item item : listing.files()) {
                if (!shared.contains(item.sha256())) {
                    Files.deleteIfExists(layout.of(item.file()));
                }
            }
        }
    }

    @Override
    public Collected collect(Set<ArtifactRef> live, Duration youngest) throws IOException {
        return new Sweeper(layout, writer).sweep(live, Instant.now().minus(youngest));
    }

    /** Nothing is held open. */
    @Override
    public void close() {}

    TreeListing listing(ArtifactRef tree) throws IOException {
        Path file = layout.of(tree);
        verifier.verify(file, tree.sha256());
        return TreeListing.parse(Files.readAllBytes(file));
    }

    ArtifactRef put(InputStream content) throws IOException {
        Draft draft = writer.write(content);
        ArtifactRef artifact = ArtifactRef.file(draft.sha256(), draft.bytes());
        keep(draft, layout.of(artifact));
        meter.written(draft.bytes());
        return artifact;
    }

    /** Touches what is there already, so that a collector sees that it is wanted; heals what is damaged. */
    private void keep(Draft draft, Path target) throws IOException {
        if (verifier.isIntact(target, draft.sha256()) && touch(target)) {
            Files.delete(draft.file());
        } else {
            draft.file().toFile().setReadOnly();
            writer.publish(draft, target);
        }
        verifier.trust(target);
    }

    private static boolean touch(Path target) throws IOException {
        try {
            Files.setLastModifiedTime(target, FileTime.from(Instant.now()));
            return true;
        } catch (NoSuchFileException e) {
            return false; // collected a moment ago
        }
    }

    private void publishView(Path draft, Path view) throws IOException {
        Files.createDirectories(view.getParent());
        try {
            Files.move(draft, view, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            Folders.delete(draft);
            if (!Files.isDirectory(view)) {
                throw e;
            } // else another was quicker
        }
    }

    private void moveAway(Path view) throws IOException {
        Path away = writer.freshPath();
        try {
            Files.move(view, away, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException e) {
            return; // never made, or another was quicker
        }
        Folders.delete(away);
    }

    /** Links to files count as files; linked folders are not entered. */
    private static List<Path> regularFiles(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }
}
