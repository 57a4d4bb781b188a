package io.espalier.bench.result;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** {@code bench-results.schema.json}. */
final class ResultsSchema {
    private static final String RESOURCE = "bench-results.schema.json";

    private ResultsSchema() {}

    /**
     * @param name of the document, for the message
     * @throws IOException if the document does not fit
     */
    static void check(String name, JsonNode document) throws IOException {
        var errors = schema().validate(document);
        if (!errors.isEmpty()) {
            throw new IOException(name + " does not hold results of ./espalier bench: " + errors.getFirst());
        }
    }

    private static Schema schema() throws IOException {
        try (InputStream in = ResultsSchema.class.getResourceAsStream(RESOURCE)) {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
