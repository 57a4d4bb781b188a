package io.espalier.coordinator.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.platform.config.AllowedRoots;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestDocument;
import io.espalier.protocol.request.RequestPlaces;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From what a user sent to jobs: one per request, several for a sweep. The same key and body always make the same jobs,
 * whoever makes them.
 */
public final class Submission {
    /** Room for the number of a sweep's entry behind the id. */
    private static final int LONGEST_BASE = 57;

    private final RequestReader reader;
    private final Path folder;
    private final AllowedRoots roots;

    /**
     * @param folder where relative paths of requests start
     * @param roots  what requests may name
     */
    public Submission(RequestReader reader, Path folder, AllowedRoots roots) {
        this.reader = reader;
        this.folder = folder;
        this.roots = roots;
    }

    /**
     * The job id that a key stands for: the key itself where it can be one.
     *
     * @param key what the client calls its submission, for example an Idempotency-Key
     */
    public static JobId jobFor(String key) {
        try {
            return new JobId(key);
        } catch (IllegalArgumentException e) {
            return new JobId("job-" + sha256(key.getBytes(StandardCharsets.UTF_8)).substring(0, 16));
        }
    }

    /**
     * One command per job, each valid.
     *
     * @throws io.espalier.protocol.request.InvalidRequestException with all that is wrong
     */
    public List<Command.Submit> split(JobId job, JsonNode request) {
        return request.hasNonNull("sweep")
                ? number(job, reader.expand(request))
                : List.of(new Command.Submit(job, request));
    }

    /** The same for a text, whose lines the problems name. */
    public List<Command.Submit> split(JobId job, RequestDocument document) {
        List<ObjectNode> requests = reader.expand(document);
        return document.root().hasNonNull("sweep")
                ? number(job, requests)
                : List.of(new Command.Submit(job, requests.getFirst()));
    }

    private static List<Command.Submit> number(JobId job, List<ObjectNode> requests) {
        String base = job.value().substring(0, Math.min(LONGEST_BASE, job.value().length()));
        return IntStream.range(0, requests.size()).mapToObj(i -> new Command.Submit(new JobId(base + "-" + (i + 1)),
                requests.get(i))).toList();
    }

    /**
     * The request of one job, complete and with absolute paths.
     *
     * @throws io.espalier.protocol.request.InvalidRequestException with all that is wrong
     */
    public PruningRequest read(JsonNode request) {
        ObjectNode complete = reader.json(reader.read(request));
        RequestPlaces.makeAbsolute(complete, folder);
        roots.require(complete);
        return reader.read(complete);
    }

    /** Equal for equal requests. */
    public static String digest(PruningRequest request) {
        return Json.digest(request);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
