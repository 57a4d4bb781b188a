package io.espalier.protocol.request;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.topic.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * From text or JSON to valid requests with defaults filled in. Whatever the input, the answer is a valid request or an
 * {@link InvalidRequestException} that names every problem by key, value and what would be right. Thread-safe; make one
 * and keep it, loading the schema takes a while.
 */
public final class RequestReader {
    private static final int MAX_PROBLEMS = 50;

    private final RequestSchema schema = RequestSchema.load();
    private final MethodCatalogue methods = new MethodCatalogue(schema);

    public RequestSchema schema() {
        return schema;
    }

    public MethodCatalogue methods() {
        return methods;
    }

    /** YAML or JSON as the user wrote it, not checked further than that it is an object. */
    public static RequestDocument parse(String text) {
        return RequestText.parse(text);
    }

    /** The requests in a text: one, or as many as its {@code sweep} has entries. */
    public List<PruningRequest> readAll(String text) {
        RequestDocument document = parse(text);
        return expand(document).stream().map(this::bind).toList();
    }

    /** The request in a JSON tree, as it comes in a message; a sweep is refused, see {@link #expand}. */
    public PruningRequest read(JsonNode json) {
        ObjectNode request = RequestText.object(json);
        if (request.hasNonNull("sweep")) {
            throw new InvalidRequestException(
                    new RequestProblem("/sweep", "makes several jobs, and only one is wanted here"));
        }
        return bind(complete(request));
    }

    /** Complete, valid JSON requests, one per job: defaults filled in, sizes as numbers, no sweep. */
    public List<ObjectNode> expand(JsonNode json) {
        ObjectNode request = RequestText.object(json);
        checkSweep(request);
        List<ObjectNode> requests = new ArrayList<>();
        List<RequestProblem> problems = new ArrayList<>();
        for (Sweep.Variant variant : Sweep.expand(request)) {
            try {
                requests.add(complete(variant.request()));
            } catch (InvalidRequestException e) {
                e.problems().forEach(p -> problems.add(new RequestProblem(variant.origin(p.pointer()), p.message())));
            }
        }
        refuse(problems.stream().distinct().toList());
        return requests;
    }

    /** The same, with line numbers in the problems. */
    public List<ObjectNode> expand(RequestDocument document) {
        try {
            return expand(document.root());
        } catch (InvalidRequestException e) {
            throw new InvalidRequestException(document.locate(e.problems()));
        }
    }

    /** The JSON form of a request; reading it gives the same request. */
    public ObjectNode json(PruningRequest request) {
        return Json.requests().valueToTree(request);
    }

    private void checkSweep(ObjectNode request) {
        if (request.hasNonNull("sweep")) {
            ObjectNode alone = Json.requests().createObjectNode();
            alone.set("sweep", request.get("sweep"));
            refuse(schema.validate(alone));
        }
    }

    private ObjectNode complete(ObjectNode raw) {
        ObjectNode request = Normal.of(raw);
        refuse(schema.validate(request));
        schema.fillDefaults(request);
        methods.fillCalibration(request);
        refuse(RequestRules.apply(request, methods.needsData(request.get("method"))));
        refuse(SelectVariants.fill(Normal.of(raw), request, this::complete));
        return request;
    }

    private PruningRequest bind(ObjectNode request) {
        try {
            return Json.requests().treeToValue(request, PruningRequest.class);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a request fits the schema, but not PruningRequest", e);
        }
    }

    private static void refuse(List<RequestProblem> problems) {
        if (!problems.isEmpty()) {
            throw new InvalidRequestException(problems.subList(0, Math.min(problems.size(), MAX_PROBLEMS)));
        }
    }
}
