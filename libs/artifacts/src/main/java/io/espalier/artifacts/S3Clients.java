package io.espalier.artifacts;

import java.net.URI;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;

/** Clients of S3 and of what speaks its protocol; what is not given comes from the standard {@code AWS_*} chain. */
final class S3Clients {
    private S3Clients() {}

    static S3Client open(Optional<URI> endpoint, Optional<String> region) {
        var client = S3Client.builder().httpClient(UrlConnectionHttpClient.create()).crossRegionAccessEnabled(true)
                .region(region.map(Region::of).orElseGet(S3Clients::configuredRegion));
        endpoint.ifPresent(uri -> client.endpointOverride(uri).forcePathStyle(true));
        if (Stream.of("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3").anyMatch(System.getenv()::containsKey)
                || Stream.of("aws.endpointUrl", "aws.endpointUrlS3").anyMatch(System.getProperties()::containsKey)) {
            client.forcePathStyle(true); // few other providers resolve bucket names as hosts
        }
        return client.build();
    }

    /** Other providers know no regions, and S3 itself says where a bucket is: any will do to ask. */
    private static Region configuredRegion() {
        try {
            return new DefaultAwsRegionProviderChain().getRegion();
        } catch (SdkClientException e) {
            return Region.US_EAST_1;
        }
    }
}
