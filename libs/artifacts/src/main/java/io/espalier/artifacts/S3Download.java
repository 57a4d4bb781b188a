package io.espalier.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;

/**
 * Objects into files: in ranges, some at a time, all of the one version that was listed ({@code If-Match}), each taken up
 * again where its connection broke, and the whole compared with the checksum that the service keeps.
 */
final class S3Download {
    private static final int AT_A_TIME = 4;
    private static final int TRIES = 4;
    private static final Duration TOLD_EVERY = Duration.ofMillis(500);
    private static final int BUFFER_BYTES = 1 << 17;

    private final S3Client client;
    private final String bucket;
    private final long partBytes;

    /**
     * One version of an object.
     *
     * @param name in the folder that it goes to
     */
    record Item(String key, String name, String eTag, long bytes) {}

    /** Hears now and then how many bytes of an object have come, on the thread that asked for it. */
    @FunctionalInterface
    interface Meter {
        void received(long soFar) throws InterruptedException;
    }

    S3Download(S3Client client, String bucket, long partBytes) {
        this.client = client;
        this.bucket = bucket;
        this.partBytes = partBytes;
    }

    /**
     * Under another name first: a file of the right name is whole.
     *
     * @throws UnreadablePlaceException if the object is not the one listed any more, or may not be read
     */
    void fetch(Item item, Path folder, Meter meter) throws IOException, InterruptedException {
        Path draft = folder.resolve(item.name() + ".part");
        try (var file = FileChannel.open(draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE)) {
            fetchParts(item, file, meter);
            file.force(true);
        }
        verify(item, draft);
        Files.move(draft, folder.resolve(item.name()));
    }

    private void fetchParts(Item item, FileChannel file, Meter meter) throws IOException, InterruptedException {
        try (ExecutorService pool = Executors.newFixedThreadPool(AT_A_TIME, Thread.ofVirtual().factory())) {
            List<Future<?>> parts = new ArrayList<>();
            var received = new AtomicLong();
            for (long from = 0; from < item.bytes(); from += partBytes) {
                var part = new Part(item, from, Math.min(item.bytes(), from + partBytes), file, received);
                parts.add(pool.submit(part::fetch));
            }
            try {
                for (Future<?> part : parts) {
                    await(part, received, meter);
                }
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getCause());
            } finally {
                pool.shutdownNow();
            }
        }
    }

    private static void await(Future<?> part, AtomicLong received, Meter meter)
            throws ExecutionException, InterruptedException {
        while (true) {
            try {
                part.get(TOLD_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                meter.received(received.get());
                return;
            } catch (TimeoutException e) {
                meter.received(received.get());
            }
        }
    }

    private void verify(Item item, Path file) throws IOException {
        var checksum = S3Checksum.of(head(item));
        if (checksum.isEmpty()) {
            return; // the length was right, and the connection's own checks hold
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                checksum.get().update(buffer, n);
            }
        }
        if (!checksum.get().holds()) {
            Files.delete(file);
            throw new IOException(place(item) + " came damaged: its checksum is not the one the service keeps");
        }
    }

    private HeadObjectResponse head(Item item) throws IOException {
        try {
            return client.headObject(request -> request.bucket(bucket).key(item.key()).ifMatch(item.eTag())
                    .checksumMode(ChecksumMode.ENABLED));
        } catch (SdkException e) {
            throw S3Errors.reading(place(item), bucket, e);
        }
    }

    private String place(Item item) {
        return "s3://" + bucket + "/" + item.key();
    }

    /** Bytes {@code from} to {@code to - 1} of an object. */
    private final class Part {
        private final Item item;
        private final long to;
        private final FileChannel file;
        private final AtomicLong received;
        private long from;

        Part(Item item, long from, long to, FileChannel file, AtomicLong received) {
            this.item = item;
            this.from = from;
            this.to = to;
            this.file = file;
            this.received = received;
        }

        Void fetch() throws IOException {
            for (int tries = 1;; tries++) {
                try {
                    fetchRest();
                    return null;
                } catch (UnreadablePlaceException e) {
                    throw e;
                } catch (IOException e) {
                    if (tries == TRIES || Thread.currentThread().isInterrupted()) {
                        throw new IOException(place(item) + ": " + e.getMessage(), e);
                    }
                }
            }
        }

        private void fetchRest() throws IOException {
            try (InputStream in = client.getObject(request -> request.bucket(bucket).key(item.key())
                    .ifMatch(item.eTag()).range("bytes=" + from + "-" + (to - 1)))) {
                byte[] buffer = new byte[BUFFER_BYTES];
                for (int n = in.read(buffer); n >= 0 && from < to; n = in.read(buffer)) {
                    write(ByteBuffer.wrap(buffer, 0, (int) Math.min(n, to - from)));
                }
            } catch (SdkException e) {
                throw S3Errors.reading(place(item), bucket, e);
            }
            if (from < to) {
                throw new IOException("the connection ended " + (to - from) + " bytes early");
            }
        }

        private void write(ByteBuffer bytes) throws IOException {
            while (bytes.hasRemaining()) {
                int written = file.write(bytes, from);
                from += written;
                received.addAndGet(written);
            }
        }
    }
}
