package io.espalier.protocol.request;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code request.schema.json}: the single source of option names, types, defaults, descriptions and papers. */
public final class RequestSchema {
    private static final String RESOURCE = "request.schema.json";
    private static final String DEFINITION = "#/$defs/";

    private final String text;
    private final ObjectNode root;
    private final Schema validator;
    private final SchemaMessages messages;

    private RequestSchema(String text) throws IOException {
        this.text = text;
        root = (ObjectNode) new JsonMapper().readTree(text);
        validator = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(withoutExtensions(root.deepCopy()));
        messages = new SchemaMessages(root);
    }

    static RequestSchema load() {
        try (InputStream in = RequestSchema.class.getResourceAsStream(RESOURCE)) {
            return new RequestSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(RESOURCE, e);
        }
    }

    /** The schema as it stands in the repository, to be served as {@code application/schema+json}. */
    public String text() {
        return text;
    }

    ObjectNode definition(String name) {
        return (ObjectNode) root.required("$defs").required(name);
    }

    /** What the schema alone finds wrong, in the order of the request's keys. */
    List<RequestProblem> validate(ObjectNode request) {
        return validator.validate(request).stream().map(messages::problem).distinct().toList();
    }

    /** Sets every absent key that has a default, in place; options of the method included. */
    void fillDefaults(ObjectNode request) {
        fill(request, root);
        fill((ObjectNode) request.required("method"), definition(request.at("/method/name").textValue()));
    }

    private void fill(ObjectNode object, JsonNode schema) {
        for (var entry : schema.path("properties").properties()) {
            JsonNode property = resolve(entry.getValue());
            if (!object.has(entry.getKey()) && property.has("default")) {
                object.set(entry.getKey(), property.get("default").deepCopy());
            }
            fillInside(object.path(entry.getKey()), property);
        }
    }

    private void fillInside(JsonNode value, JsonNode schema) {
        if (value instanceof ObjectNode child) {
            fill(child, schema);
        } else if (value.isArray() && schema.has("items")) {
            value.forEach(item -> fillInside(item, resolve(schema.get("items"))));
        }
    }

    JsonNode resolve(JsonNode schema) {
        String ref = schema.path("$ref").asText("");
        return ref.startsWith(DEFINITION) ? definition(ref.substring(DEFINITION.length())) : schema;
    }

    /** The validator warns of keywords it does not know. */
    private static JsonNode withoutExtensions(JsonNode schema) {
        if (schema instanceof ObjectNode object) {
            object.remove(List.of("x-paper", "x-calibration", "x-data-free"));
        }
        schema.forEach(RequestSchema::withoutExtensions);
        return schema;
    }
}
