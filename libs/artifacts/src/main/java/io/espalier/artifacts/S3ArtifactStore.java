package io.espalier.artifacts;

import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.ArtifactRef.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * A store in a bucket, laid out like the folder store, with local copies in a folder store: what was read or written
 * here once is not fetched again. The bucket is what counts; the folder may be deleted at any time.
 */
public final class S3ArtifactStore implements ArtifactStore {
    private static final long PART_BYTES = 64L << 20;
    /** Content that is written again is made young again when it is older than this. */
    private static final Duration OLD = Duration.ofMinutes(10);

    private final S3Bucket bucket;
    private final Layout layout;
    private final FileArtifactStore copies;
    private final ArtifactMeter meter;

    S3ArtifactStore(S3Bucket bucket, String prefix, FileArtifactStore copies, ArtifactMeter meter) {
        this.bucket = bucket;
        this.layout = new Layout(Path.of(prefix));
        this.copies = copies;
        this.meter = meter;
    }

    static S3ArtifactStore open(S3Location location, ArtifactMeter meter) throws IOException {
        return open(location, PART_BYTES, meter);
    }

    static S3ArtifactStore open(S3Location location, long partBytes, ArtifactMeter meter) throws IOException {
        var copies = FileArtifactStore.open(location.cache().resolve(location.bucket()).resolve(location.prefix()),
                ArtifactMeter.NONE);
        return new S3ArtifactStore(
                new S3Bucket(S3Clients.open(location.endpoint(), location.region()), location.bucket(), partBytes),
                location.prefix(),
                copies, meter);
    }

    @Override
    public ArtifactRef putFile(Path file) throws IOException {
        return uploaded(copies.putFile(file));
    }

    @Override
    public ArtifactRef putBytes(byte[] bytes) throws IOException {
        return uploaded(copies.putBytes(bytes));
    }

    @Override
    public ArtifactRef putTree(Path folder) throws IOException {
        ArtifactRef tree = copies.putTree(folder);
        for (TreeListing.Item item : copies.listing(tree).files()) {
            uploaded(item.file());
        }
        return uploaded(tree);
    }

    @Override
    public Path file(ArtifactRef artifact) throws IOException {
        fetch(artifact);
        return copies.file(artifact);
    }

    @Override
    public Path tree(ArtifactRef artifact) throws IOException {
        fetch(artifact);
        for (TreeListing.Item item : copies.listing(artifact).files()) {
            fetch(item.file());
        }
        return copies.tree(artifact);
    }

    @Override
    public InputStream open(ArtifactRef artifact) throws IOException {
        return Files.newInputStream(file(artifact));
    }

    @Override
    public boolean contains(ArtifactRef artifact) throws IOException {
        if (bucket.head(key(artifact)).isEmpty()) {
            return false;
        }
        if (artifact.kind() == Kind.TREE) {
            fetch(artifact);
            for (TreeListing.Item item : copies.listing(artifact).files()) {
                if (bucket.head(key(item.file())).isEmpty()) {
                    return false;
                }
            }
        }
        return true;
    }

    @Override
    public Optional<byte[]> entry(String key) throws IOException {
        try (InputStream in = bucket.open(key(layout.entry(key)))) {
            return Optional.of(in.readAllBytes());
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    @Override
    public void putEntry(String key, byte[] value) throws IOException {
        bucket.putFirst(key(layout.entry(key)), value);
    }

    @Override
    public void replaceEntry(String key, byte[] value) throws IOException {
        bucket.replace(key(layout.entry(key)), value);
    }

    @Override
    public void deleteEntry(String key) throws IOException {
        bucket.delete(key(layout.entry(key)));
    }

    @Override
    public void delete(ArtifactRef artifact) throws IOException {
        if (artifact.kind() == Kind.TREE && bucket.head(key(artifact)).isPresent()) {
            fetch(artifact);
            TreeListing listing = copies.listing(artifact);
            bucket.delete(key(artifact));
            Set<String> shared = namedByTrees();
            for (TreeListing.Item item : listing.files()) {
                if (!shared.contains(item.sha256())) {
                    bucket.delete(key(item.file()));
                }
            }
        } else {
            bucket.delete(key(artifact));
        }
        copies.delete(artifact);
    }

    /** Local copies that are not live go too. */
    @Override
    public Collected collect(Set<ArtifactRef> live, Duration youngest) throws IOException {
        Instant before = Instant.now().minus(youngest);
        Collected trees = sweep(layout.trees(), digests(live, Kind.TREE), before);
        // young trees are still there and keep their files, live or not
        Set<String> keep = namedByTrees();
        keep.addAll(digests(live, Kind.FILE));
        Collected files = sweep(layout.files(), keep, before);
        copies.collect(live, youngest);
        return new Collected(trees.artifacts() + files.artifacts(), trees.bytes() + files.bytes());
    }

    private static Set<String> digests(Set<ArtifactRef> live, Kind kind) {
        return live.stream().filter(artifact -> artifact.kind() == kind).map(ArtifactRef::sha256)
                .collect(Collectors.toSet());
    }

    private Collected sweep(Path folder, Set<String> keep, Instant before) throws IOException {
        long artifacts = 0;
        long bytes = 0;
        for (S3Object object : bucket.list(key(folder) + "/")) {
            if (!keep.contains(digest(object)) && isOlder(object.key(), before)) {
                bucket.delete(object.key());
                artifacts++;
                bytes += object.size();
            }
        }
        return new Collected(artifacts, bytes);
    }

    /** Looks again: it may have become young since it was listed. */
    private boolean isOlder(String key, Instant than) throws IOException {
        return bucket.head(key).filter(found -> found.lastModified().isBefore(than)).isPresent();
    }

    private Set<String> namedByTrees() throws IOException {
        var named = new HashSet<String>();
        for (S3Object object : bucket.list(key(layout.trees()) + "/")) {
            ArtifactRef tree = ArtifactRef.tree(digest(object), 0);
            try {
                fetch(tree);
                copies.listing(tree).files().forEach(item -> named.add(item.sha256()));
            } catch (NoSuchFileException e) {
                // swept by another process meanwhile
            }
        }
        return named;
    }

    private static String digest(S3Object object) {
        return object.key().substring(object.key().lastIndexOf('/') + 1);
    }

    private ArtifactRef uploaded(ArtifactRef artifact) throws IOException {
        String key = key(artifact);
        if (!bucket.refresh(key, OLD)) {
            bucket.put(key, copies.file(artifact));
            meter.written(artifact.bytes());
        }
        return artifact;
    }

    /** Makes sure that a verified copy is here: a file, or the listing of a tree. */
    private void fetch(ArtifactRef artifact) throws IOException {
        try {
            copies.file(artifact);
        } catch (NoSuchFileException | CorruptArtifactException missing) {
            try (InputStream in = bucket.open(key(artifact))) {
                String found = artifact.kind() == Kind.FILE
                        ? copies.put(in).sha256()
                        : copies.putListing(TreeListing.parse(in.readAllBytes())).sha256();
                if (!found.equals(artifact.sha256())) {
                    throw new CorruptArtifactException(
                            "artifact " + artifact.sha256() + " is damaged: its object has the digest " + found);
                }
            }
            meter.read(artifact.bytes());
        }
    }

    private String key(ArtifactRef artifact) {
        return key(layout.of(artifact));
    }

    private static String key(Path path) {
        return path.toString().replace(path.getFileSystem().getSeparator(), "/");
    }

    @Override
    public void close() throws IOException {
        bucket.close();
        copies.close();
    }
}
