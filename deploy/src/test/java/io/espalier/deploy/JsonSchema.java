package io.espalier.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** One of the schemas in {@code src/test/resources/schemas}, whose README says where each comes from. */
record JsonSchema(Schema schema) {
    static JsonSchema of(String name) {
        try (InputStream in = JsonSchema.class.getResourceAsStream("/schemas/" + name + ".schema.json")) {
            return new JsonSchema(SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                    .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    /** @throws IllegalArgumentException naming place and reason of everything that does not fit */
    void check(JsonNode document) {
        var errors = schema.validate(document);
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(errors.toString());
        }
    }
}
