package io.espalier.worker.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.message.EqualWork;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Names work by everything that determines its result: SHA-256 over the canonical JSON of the {@link Work} and the
 * version of the code. Contents stand in for places: a checkpoint folder counts by its digest, a user's text or data
 * file by its bytes. What of a request counts at all says {@link EqualWork}, so that the entries of a sweep share what is
 * equal among them.
 */
final class WorkKey {
    /** Keys whose value names a file of the user. */
    static final List<String> USER_FILES = List.of("text", "data");
    private final String codeVersion;

    WorkKey(String codeVersion) {
        this.codeVersion = codeVersion;
    }

    /** Empty for work whose result must not be taken from an earlier one, or whose input is not known by content. */
    Optional<String> of(Work work) throws IOException {
        Optional<ObjectNode> equal = EqualWork.of(work);
        return equal.isPresent() && byContent(equal.get())
                ? Optional.of(digest(Json.canonical(equal.get())))
                : Optional.empty();
    }

    /** Names a task apart from equal work of other jobs. */
    String ofTask(String task, Work work) {
        return digest(task.getBytes(StandardCharsets.UTF_8), Json.canonical(work));
    }

    /** Replaces places by contents, in place; false if a content is not known. */
    private static boolean byContent(JsonNode node) throws IOException {
        if (node instanceof ObjectNode object) {
            if (object.path("type").asText().equals("folder") && object.has("location")) {
                object.remove("location");
                return true;
            }
            for (String key : USER_FILES) {
                if (object.path(key).isTextual() && !fileByContent(object, key)) {
                    return false;
                }
            }
        }
        for (JsonNode child : node) {
            if (!byContent(child)) {
                return false;
            }
        }
        return true;
    }

    private static boolean fileByContent(ObjectNode object, String key) throws IOException {
        String location = object.get(key).textValue();
        Path file = location.startsWith("file:") ? Path.of(URI.create(location)) : Path.of(location);
        if (!Files.isRegularFile(file)) {
            return false; // the handler will say what is wrong with it
        }
        object.put(key, "sha256:" + digestOf(file) + companion(file));
        return true;
    }

    /** PIQA's rows have their labels in a file beside them, which counts as well. */
    private static String companion(Path file) throws IOException {
        Path labels = file.resolveSibling(labelsBeside(file.getFileName().toString()));
        return Files.isRegularFile(labels) ? "+" + digestOf(labels) : "";
    }

    /** Name of the file of labels that may stand beside one of rows. */
    static String labelsBeside(String name) {
        return name.replaceFirst("\\.[^.]*$", "") + "-labels.lst";
    }

    private static String digestOf(Path file) throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private String digest(byte[]... parts) {
        MessageDigest digest = sha256();
        digest.update(codeVersion.getBytes(StandardCharsets.UTF_8));
        for (byte[] part : parts) {
            digest.update((byte) '\n');
            digest.update(part);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
