package io.espalier.artifacts;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * What users name on S3, as folders and files of this machine ({@link CopyCache}). A copy is named by what it is a copy of:
 * bucket, keys, sizes and entity tags. An object that is written anew is another copy, and one that is written while it is
 * read is an error. Endpoint, region and credentials are the machine's own ({@code AWS_*}).
 */
public final class S3Copies implements AutoCloseable {
    private static final long PART_BYTES = 32L << 20;

    private final Path root;
    private final long mostBytes;
    private final Optional<URI> endpoint;
    private final long partBytes;
    private CopyCache cache;
    private S3Client client;

    /** Hears how far a copy is, on the thread that asked for it. */
    @FunctionalInterface
    public interface Progress {
        void received(long bytes, long all) throws InterruptedException;
    }

    /**
     * A copy in use: it stays until this is closed.
     *
     * @param path folder or file on this machine
     */
    public record Copy(Path path, CopyCache.Hold hold) implements AutoCloseable {
        /**
         * SHA-256 over names and contents of the files: as a job names its model. Computed once for each copy.
         */
        public String digest() throws IOException {
            return hold.digest();
        }

        @Override
        public void close() throws IOException {
            hold.close();
        }
    }

    private S3Copies(Path root, long mostBytes, Optional<URI> endpoint, long partBytes) {
        this.root = root;
        this.mostBytes = mostBytes;
        this.endpoint = endpoint;
        this.partBytes = partBytes;
    }

    /**
     * @param folder    for copies, made when first needed; processes of a machine that name the same share them
     * @param mostBytes of all copies together, but for those in use
     */
    public static S3Copies open(Path folder, long mostBytes) {
        return open(folder, mostBytes, Optional.empty(), PART_BYTES);
    }

    static S3Copies open(Path folder, long mostBytes, Optional<URI> endpoint, long partBytes) {
        return new S3Copies(folder, mostBytes, endpoint, partBytes);
    }

    /**
     * The objects directly below {@code s3://bucket/prefix}.
     *
     * @throws UnreadablePlaceException where only a person can help; the message says how
     */
    public Copy folder(String location, Progress progress) throws IOException, InterruptedException {
        S3Place place = S3Place.parse(location);
        List<S3Download.Item> items = list(place, place.path() + "/").stream()
                .filter(item -> !item.name().isEmpty()).toList();
        if (items.isEmpty()) {
            throw new UnreadablePlaceException(place + ": there is no object below it");
        }
        CopyCache.Hold hold = hold(place, items, progress);
        return new Copy(hold.folder(), hold);
    }

    /**
     * One object and, where they are there, others that stand beside it.
     *
     * @param companions names of the others
     * @throws UnreadablePlaceException where only a person can help; the message says how
     */
    public Copy file(String location, Set<String> companions, Progress progress)
            throws IOException, InterruptedException {
        S3Place place = S3Place.parse(location);
        var names = new HashSet<>(companions);
        names.add(place.name());
        var items = new ArrayList<S3Download.Item>();
        for (String name : names) {
            String key = place.sibling(name);
            list(place, key).stream().filter(item -> item.key().equals(key)).forEach(items::add);
        }
        if (items.stream().noneMatch(item -> item.key().equals(place.path()))) {
            throw new UnreadablePlaceException(place + ": no such object");
        }
        CopyCache.Hold hold = hold(place, items, progress);
        return new Copy(hold.folder().resolve(place.name()), hold);
    }

    private List<S3Download.Item> list(S3Place place, String prefix) throws IOException {
        try {
            return client().listObjectsV2Paginator(request -> request.bucket(place.bucket()).prefix(prefix)
                    .delimiter("/")).contents().stream().map(S3Copies::item).toList();
        } catch (SdkException e) {
            throw S3Errors.reading(place.toString(), place.bucket(), e);
        }
    }

    private static S3Download.Item item(S3Object object) {
        return new S3Download.Item(object.key(), object.key().substring(object.key().lastIndexOf('/') + 1),
                object.eTag(), object.size());
    }

    private CopyCache.Hold hold(S3Place place, List<S3Download.Item> listed, Progress progress)
            throws IOException, InterruptedException {
        List<S3Download.Item> items = listed.stream().sorted(Comparator.comparing(S3Download.Item::key)).toList();
        for (S3Download.Item item : items) {
            if (S3Place.leavesItsFolder(item.name())) {
                throw new UnreadablePlaceException("s3://" + place.bucket() + "/" + item.key()
                        + ": no file can have this name");
            }
        }
        long bytes = items.stream().mapToLong(S3Download.Item::bytes).sum();
        return cache().hold(key(place, items), bytes, folder -> fetch(place, items, folder, bytes, progress));
    }

    private void fetch(S3Place place, List<S3Download.Item> items, Path folder, long bytes, Progress progress)
            throws IOException, InterruptedException {
        var download = new S3Download(client(), place.bucket(), partBytes);
        long received = 0;
        for (S3Download.Item item : items) {
            if (Files.notExists(folder.resolve(item.name()))) { // else an earlier process had fetched it
                long before = received;
                download.fetch(item, folder, part -> progress.received(before + part, bytes));
            }
            received += item.bytes();
        }
        try (Stream<Path> drafts = Files.list(folder)) {
            for (Path draft : drafts.filter(file -> file.toString().endsWith(".part")).toList()) {
                Files.delete(draft);
            }
        }
    }

    private String key(S3Place place, List<S3Download.Item> items) {
        var text = new StringBuilder(endpoint.map(URI::toString).orElse("")).append('\n').append(place.bucket());
        items.forEach(item -> text.append('\n').append(item.key()).append('\t').append(item.bytes()).append('\t')
                .append(item.eTag()));
        return Sha256.of(text.toString());
    }

    /** Made when first needed, as is the client: most machines never read from S3. */
    private synchronized CopyCache cache() throws IOException {
        if (cache == null) {
            cache = new CopyCache(root, mostBytes);
        }
        return cache;
    }

    private synchronized S3Client client() {
        if (client == null) {
            client = S3Clients.open(endpoint, Optional.empty());
        }
        return client;
    }

    @Override
    public synchronized void close() {
        if (client != null) {
            client.close();
        }
    }
}
