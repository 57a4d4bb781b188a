package io.espalier.coordinator.log;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;
import io.espalier.protocol.topic.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * From what a user sent to jobs: one per request, several for a sweep. The same key and body always make the same jobs,
 * whoever makes them.
 */
public final class Submission {
    /** Room for the number of a sweep's entry behind the id. */
    private static final int LONGEST_BASE = 57;

    private final RequestReader reader;
    private final RequestPaths paths;

    /** @param folder where relative paths of requests start */
    public Submission(RequestReader reader, Path folder) {
        this.reader = reader;
        this.paths = new RequestPaths(folder);
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
        if (!request.hasNonNull("sweep")) {
            return List.of(new Command.Submit(job, request));
        }
        List<Command.Submit> parts = new ArrayList<>();
        String base = job.value().substring(0, Math.min(LONGEST_BASE, job.value().length()));
        for (JsonNode entry : reader.expand(request)) {
            parts.add(new Command.Submit(new JobId(base + "-" + (parts.size() + 1)), entry));
        }
        return parts;
    }

    /**
     * The request of one job, complete and with absolute paths.
     *
     * @throws io.espalier.protocol.request.InvalidRequestException with all that is wrong
     */
    public PruningRequest read(JsonNode request) {
        return reader.read(paths.absolute(reader.json(reader.read(request))));
    }

    /** Equal for equal requests. */
    public static String digest(PruningRequest request) {
        return sha256(Json.canonical(request));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
