package io.espalier.coordinator.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.espalier.protocol.topic.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/** How answers are written. */
final class Answers {
    static final String JSON = "application/json";

    private Answers() {}

    static void send(HttpServerResponse response, int status, String mediaType, Object value) {
        try {
            send(response, status, mediaType, Buffer.buffer(Json.events().writeValueAsBytes(value)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer cannot be written as JSON", e);
        }
    }

    static void send(HttpServerResponse response, int status, String mediaType, Buffer body) {
        response.setStatusCode(status).putHeader(HttpHeaders.CONTENT_TYPE, mediaType).putHeader(
                HttpHeaders.CACHE_CONTROL, "no-store").end(body);
    }
}
