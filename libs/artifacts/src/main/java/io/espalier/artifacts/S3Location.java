package io.espalier.artifacts;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where a store on S3 lies: {@code s3://bucket/prefix?endpoint=https://minio:9000&region=eu-central-1&cache=/folder}.
 * What is not given comes from the standard {@code AWS_*} variables and files, credentials always do.
 *
 * @param prefix   of all keys, without slashes at its ends; may be empty
 * @param endpoint of another provider
 * @param cache    folder for local copies
 */
record S3Location(String bucket, String prefix, Optional<URI> endpoint, Optional<String> region, Path cache) {
    static S3Location parse(String location) {
        URI uri = parseUri(location);
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("artifacts '" + location + "': write s3://bucket/prefix");
        }
        Map<String, String> options = options(uri, location);
        Path cache = Path.of(options.getOrDefault("cache",
                Path.of(System.getProperty("java.io.tmpdir"), "espalier-artifacts").toString()));
        return new S3Location(uri.getHost(), uri.getPath().replaceAll("^/+|/+$", ""),
                Optional.ofNullable(options.get("endpoint")).map(URI::create),
                Optional.ofNullable(options.get("region")), cache);
    }

    private static URI parseUri(String location) {
        try {
            return URI.create(location);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("artifacts '" + location + "' is not a URI: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> options(URI uri, String location) {
        var options = new HashMap<String, String>();
        if (uri.getRawQuery() != null) {
            for (String option : uri.getRawQuery().split("&")) {
                String[] parts = option.split("=", 2);
                if (parts.length < 2 || !parts[0].matches("endpoint|region|cache")) {
                    throw new IllegalArgumentException("artifacts '" + location + "': '" + option
                            + "' is no option; there are endpoint=, region= and cache=");
                }
                options.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return options;
    }
}
