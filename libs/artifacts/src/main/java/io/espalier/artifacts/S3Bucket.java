package io.espalier.artifacts;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.MetadataDirective;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects of a bucket. Uploads carry SHA-256 checksums that the service verifies; large ones go in parts.
 */
final class S3Bucket implements AutoCloseable {
    private static final int PRECONDITION_FAILED = 412;
    /** Another conditional write of the same key is under way. */
    private static final int CONFLICT = 409;
    /** The service copies an object within itself up to this size. */
    private static final long LARGEST_COPY = 5L << 30;

    private final S3Client client;
    private final String bucket;
    private final long partBytes;

    /** @param partBytes size above which an upload goes in parts of this size; at least 5 MiB outside of tests */
    S3Bucket(S3Client client, String bucket, long partBytes) {
        this.client = client;
        this.bucket = bucket;
        this.partBytes = partBytes;
    }

    @FunctionalInterface
    private interface Call<T> {
        T run() throws IOException;
    }

    /** What the service complains about becomes an I/O error that says where. */
    private <T> T call(String key, Call<T> call) throws IOException {
        try {
            return call.run();
        } catch (NoSuchKeyException e) {
            throw new NoSuchFileException("s3://" + bucket + "/" + key);
        } catch (SdkException e) {
            throw new IOException("s3://" + bucket + "/" + key + ": " + e.getMessage(), e);
        }
    }

    /** Size and age of an object, if it is there. */
    Optional<HeadObjectResponse> head(String key) throws IOException {
        return call(key, () -> {
            try {
                return Optional.of(client.headObject(request -> request.bucket(bucket).key(key)));
            } catch (S3Exception e) {
                if (e.statusCode() == 404) {
                    return Optional.empty();
                }
                throw e;
            }
        });
    }

    InputStream open(String key) throws IOException {
        return call(key, () -> client.getObject(request -> request.bucket(bucket).key(key)));
    }

    /** Uploads a file; whoever does the same at the same time writes the same bytes. */
    void put(String key, Path file) throws IOException {
        call(key, () -> {
            if (Files.size(file) > partBytes) {
                putParts(key, file);
            } else {
                client.putObject(
                        request -> request.bucket(bucket).key(key).checksumAlgorithm(ChecksumAlgorithm.SHA256),
                        RequestBody.fromFile(file));
            }
            return null;
        });
    }

    /** Writes a value unless the key is taken: a conditional write. */
    void putFirst(String key, byte[] value) throws IOException {
        call(key, () -> {
            try {
                client.putObject(request -> request.bucket(bucket).key(key).ifNoneMatch("*")
                        .checksumAlgorithm(ChecksumAlgorithm.SHA256), RequestBody.fromBytes(value));
            } catch (S3Exception e) {
                if (e.statusCode() != PRECONDITION_FAILED && e.statusCode() != CONFLICT) {
                    throw e;
                }
            }
            return null;
        });
    }

    void replace(String key, byte[] value) throws IOException {
        call(key, () -> client.putObject(
                request -> request.bucket(bucket).key(key).checksumAlgorithm(ChecksumAlgorithm.SHA256),
                RequestBody.fromBytes(value)));
    }

    private void putParts(String key, Path file) throws IOException {
        String upload = client.createMultipartUpload(
                request -> request.bucket(bucket).key(key).checksumAlgorithm(ChecksumAlgorithm.SHA256)).uploadId();
        try {
            List<CompletedPart> parts = uploadParts(key, file, upload);
            client.completeMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(upload)
                    .multipartUpload(completed -> completed.parts(parts)));
        } catch (SdkException | IOException e) {
            client.abortMultipartUpload(request -> request.bucket(bucket).key(key).uploadId(upload));
            throw e;
        }
    }

    private List<CompletedPart> uploadParts(String key, Path file, String upload) throws IOException {
        long size = Files.size(file);
        var parts = new ArrayList<CompletedPart>();
        for (long from = 0; from < size; from += partBytes) {
            int number = parts.size() + 1;
            var body = RequestBody.fromContentProvider(new FileRange(file, from, Math.min(partBytes, size - from)),
                    Math.min(partBytes, size - from), "application/octet-stream");
            var sent = client.uploadPart(request -> request.bucket(bucket).key(key).uploadId(upload)
                    .partNumber(number).checksumAlgorithm(ChecksumAlgorithm.SHA256), body);
            parts.add(CompletedPart.builder().partNumber(number).eTag(sent.eTag())
                    .checksumSHA256(sent.checksumSHA256()).build());
        }
        return parts;
    }

    /**
     * Makes an object young again if it has become old, so that no collector takes it; false if it is not there (any
     * more) or too large to be copied onto itself.
     */
    boolean refresh(String key, Duration old) throws IOException {
        Optional<HeadObjectResponse> found = head(key);
        if (found.isEmpty()) {
            return false;
        }
        if (found.get().lastModified().isAfter(Instant.now().minus(old))) {
            return true;
        }
        if (found.get().contentLength() > LARGEST_COPY) {
            return false;
        }
        try {
            call(key, () -> client.copyObject(request -> request.sourceBucket(bucket).sourceKey(key)
                    .destinationBucket(bucket).destinationKey(key).metadataDirective(MetadataDirective.REPLACE)));
            return true;
        } catch (NoSuchFileException e) {
            return false; // collected a moment ago
        }
    }

    void delete(String key) throws IOException {
        call(key, () -> client.deleteObject(request -> request.bucket(bucket).key(key)));
    }

    List<S3Object> list(String prefix) throws IOException {
        return call(prefix, () -> client.listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix))
                .contents().stream().toList());
    }

    @Override
    public void close() {
        client.close();
    }
}
