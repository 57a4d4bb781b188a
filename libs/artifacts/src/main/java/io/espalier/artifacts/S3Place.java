package io.espalier.artifacts;

import java.net.URI;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a user names on S3: {@code s3://bucket/key} or {@code s3://bucket/prefix}. Endpoint and credentials are no part of
 * it: whoever may submit a request must not choose where this machine's credentials are sent.
 *
 * @param path without slashes at its ends
 */
record S3Place(String bucket, String path) {
    /** @throws UnreadablePlaceException for what is no such place, or climbs out of its own prefix */
    static S3Place parse(String location) throws UnreadablePlaceException {
        try {
            URI uri = URI.create(location);
            if (!"s3".equalsIgnoreCase(uri.getScheme()) || uri.getAuthority() == null || uri.getRawUserInfo() != null
                    || uri.getRawQuery() != null || uri.getRawFragment() != null) {
                throw new UnreadablePlaceException("'" + location + "': write s3://bucket/prefix and nothing else");
            }
            List<String> names = Stream.of(uri.getPath().split("/")).filter(name -> !name.isEmpty()).toList();
            if (names.isEmpty() || names.stream().anyMatch(S3Place::leavesItsFolder)) {
                throw new UnreadablePlaceException("'" + location + "' names no folder and no object of its bucket");
            }
            return new S3Place(uri.getAuthority(), String.join("/", names));
        } catch (IllegalArgumentException e) {
            throw new UnreadablePlaceException("'" + location + "' is not a URI: " + e.getMessage(), e);
        }
    }

    /** A name that would mean another folder on this machine. */
    static boolean leavesItsFolder(String name) {
        return name.equals(".") || name.equals("..") || name.contains("/") || name.contains("\\");
    }

    /** The last part of the path. */
    String name() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Key of what lies beside an object. */
    String sibling(String name) {
        return path.substring(0, path.lastIndexOf('/') + 1) + name;
    }

    @Override
    public String toString() {
        return "s3://" + bucket + "/" + path;
    }
}
