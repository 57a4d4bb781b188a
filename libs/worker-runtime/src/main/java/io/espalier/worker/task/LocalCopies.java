package io.espalier.worker.task;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.artifacts.S3Copies;
import io.espalier.artifacts.UnreadablePlaceException;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Inputs on S3 as folders and files of this machine, held until this is closed. Whoever does the work sees paths only;
 * what is reported to users keeps the places that they named.
 */
public final class LocalCopies implements AutoCloseable {
    private static final String REMOTE = "s3://";
    /** A finished report, to be written as it is. */
    private static final String REPORT = "report";

    private final S3Copies copies;
    private final S3Copies.Progress progress;
    private final List<S3Copies.Copy> held = new ArrayList<>();

    public LocalCopies(S3Copies copies, S3Copies.Progress progress) {
        this.copies = copies;
        this.progress = progress;
    }

    /** Whether a place is one that has to be copied. */
    public static boolean isRemote(String location) {
        return location.startsWith(REMOTE);
    }

    /**
     * The same work on this machine.
     *
     * @throws PermanentFailureException if something cannot be read or is not what the job began with
     */
    public Work of(Work work) throws IOException, InterruptedException, PermanentFailureException {
        JsonNode json = Json.events().valueToTree(work);
        return localise(json) ? Json.events().treeToValue(json, Work.class) : work;
    }

    /** The same request on this machine. */
    public PruningRequest of(PruningRequest request)
            throws IOException, InterruptedException, PermanentFailureException {
        JsonNode json = Json.events().valueToTree(request);
        return localise(json) ? Json.events().treeToValue(json, PruningRequest.class) : request;
    }

    /** The folder of a checkpoint on this machine. */
    public String model(String location) throws IOException, InterruptedException, PermanentFailureException {
        return folder("model", location, null);
    }

    private boolean localise(JsonNode node) throws IOException, InterruptedException, PermanentFailureException {
        boolean changed = node instanceof ObjectNode object && localisePlaces(object);
        for (var child : node.properties()) {
            changed |= !child.getKey().equals(REPORT) && localise(child.getValue());
        }
        for (JsonNode child : node.isArray() ? node : List.<JsonNode>of()) {
            changed |= localise(child);
        }
        return changed;
    }

    private boolean localisePlaces(ObjectNode object)
            throws IOException, InterruptedException, PermanentFailureException {
        boolean changed = false;
        if (object.path("type").asText().equals("folder") && isPlace(object, "location")) {
            String digest = object.path("digest").textValue();
            object.put("location", folder("model", object.get("location").textValue(), digest));
            changed = true;
        }
        if (object.has("method") && isPlace(object, "model")) {
            object.put("model", folder("model", object.get("model").textValue(), null));
            changed = true;
        }
        for (String key : WorkKey.USER_FILES) {
            if (isPlace(object, key)) {
                object.put(key, file(key, object.get(key).textValue()));
                changed = true;
            }
        }
        return changed;
    }

    private static boolean isPlace(ObjectNode object, String key) {
        return object.path(key).isTextual() && isRemote(object.get(key).textValue());
    }

    private String folder(String key, String location, String digest)
            throws IOException, InterruptedException, PermanentFailureException {
        try {
            S3Copies.Copy copy = copies.folder(location, progress);
            held.add(copy);
            if (digest != null && !digest.equals(copy.digest())) {
                throw new PermanentFailureException(key + ": " + location
                        + " is not what it was when this job began; submit the job again");
            }
            return copy.path().toString();
        } catch (UnreadablePlaceException e) {
            throw new PermanentFailureException(key + ": " + e.getMessage(), e);
        }
    }

    private String file(String key, String location)
            throws IOException, InterruptedException, PermanentFailureException {
        try {
            String name = location.substring(location.lastIndexOf('/') + 1);
            S3Copies.Copy copy = copies.file(location, Set.of(WorkKey.labelsBeside(name)), progress);
            held.add(copy);
            return copy.path().toString();
        } catch (UnreadablePlaceException e) {
            throw new PermanentFailureException(key + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        for (S3Copies.Copy copy : held) {
            copy.close();
        }
    }
}
