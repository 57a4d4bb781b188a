package io.espalier.worker.task;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The version of the code that makes results: a digest over Espalier's own jars and class folders on the class path. A
 * number raised by hand would be forgotten once, and an old result served as a new one; so any change of code counts.
 */
final class CodeVersion {
    private static final String PACKAGE = "io/espalier";

    private CodeVersion() {}

    static String current() throws IOException {
        MessageDigest digest = sha256();
        for (Path place : places()) {
            for (Path file : filesOf(place)) {
                digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
                digest.update(Files.readAllBytes(file));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Sorted, because the order of a class path means nothing here. */
    private static Iterable<Path> places() throws IOException {
        var places = new TreeSet<Path>();
        for (URL url : Collections.list(CodeVersion.class.getClassLoader().getResources(PACKAGE))) {
            places.add(placeOf(url));
        }
        return places;
    }

    private static Path placeOf(URL url) throws IOException {
        try {
            URI place = url.openConnection() instanceof JarURLConnection jar
                    ? jar.getJarFileURL().toURI()
                    : url.toURI();
            return Path.of(place);
        } catch (URISyntaxException e) {
            throw new IOException("cannot read the code at " + url, e);
        }
    }

    private static Iterable<Path> filesOf(Path place) throws IOException {
        try (Stream<Path> all = Files.walk(place)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
