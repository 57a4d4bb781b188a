package io.espalier.artifacts;

import java.io.IOException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the service complains about when a user's place is read, as a sentence for the user. */
final class S3Errors {
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;

    private S3Errors() {}

    /** Of reading {@code place}: an {@link UnreadablePlaceException} where only a person can help. */
    static IOException reading(String place, String bucket, SdkException e) {
        if (e instanceof NoSuchBucketException) {
            return new UnreadablePlaceException(place + ": there is no bucket " + bucket, e);
        }
        if (e instanceof S3Exception answer) {
            return switch (answer.statusCode()) {
                case UNAUTHORIZED, FORBIDDEN -> new UnreadablePlaceException(place
                        + ": access denied: the credentials of this machine (AWS_ACCESS_KEY_ID or another way of the"
                        + " standard AWS chain) must allow listing and reading", e);
                case NOT_FOUND -> new UnreadablePlaceException(place + ": no such object", e);
                case PRECONDITION_FAILED -> new UnreadablePlaceException(place
                        + " was changed while it was read; submit the job again once it is complete", e);
                default -> new IOException(place + ": " + e.getMessage(), e);
            };
        }
        if (e instanceof SdkClientException && String.valueOf(e.getMessage()).contains("load credentials")) {
            return new UnreadablePlaceException(place + ": no credentials on this machine: set AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY or use another way of the standard AWS chain", e);
        }
        return new IOException(place + ": " + e.getMessage(), e);
    }
}
