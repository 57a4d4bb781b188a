package io.espalier.coordinator.http;

import io.vertx.core.http.HttpMethod;

/** Everything that can be asked for, as the router and openapi.json name it. */
public enum Operation {
    // @formatter:off
    SUBMIT_JOB(HttpMethod.POST, "/api/v1/jobs"),
    LIST_JOBS(HttpMethod.GET, "/api/v1/jobs"),
    GET_JOB(HttpMethod.GET, "/api/v1/jobs/{id}"),
    DELETE_JOB(HttpMethod.DELETE, "/api/v1/jobs/{id}"),
    GET_REPORT(HttpMethod.GET, "/api/v1/jobs/{id}/report"),
    GET_SECTIONS(HttpMethod.GET, "/api/v1/jobs/{id}/sections"),
    COMPARE_JOBS(HttpMethod.GET, "/api/v1/comparison"),
    CANCEL_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/cancel"),
    PAUSE_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/pause"),
    RESUME_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/resume"),
    RETRY_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/retry"),
    FOLLOW_JOB(HttpMethod.GET, "/api/v1/jobs/{id}/events"),
    FOLLOW_JOBS(HttpMethod.GET, "/api/v1/events"),
    LIST_DEAD_LETTERS(HttpMethod.GET, "/api/v1/dead-letters"),
    REPLAY_DEAD_LETTER(HttpMethod.POST, "/api/v1/dead-letters/{number}/replay"),
    GET_ABOUT(HttpMethod.GET, "/api/v1/about"),
    GET_CHARTS_STYLE(HttpMethod.GET, "/charts.css"),
    GET_OPENAPI(HttpMethod.GET, "/openapi.json"),
    GET_REQUEST_SCHEMA(HttpMethod.GET, "/request.schema.json"),
    GET_METRICS(HttpMethod.GET, "/metrics"),
    GET_LIVE(HttpMethod.GET, "/health/live"),
    GET_READY(HttpMethod.GET, "/health/ready");
    // @formatter:on

    private final HttpMethod method;
    private final String path;

    Operation(HttpMethod method, String path) {
        this.method = method;
        this.path = path;
    }

    public HttpMethod method() {
        return method;
    }

    /** As openapi.json writes it: {@code /api/v1/jobs/{id}}. */
    public String path() {
        return path;
    }

    /** As the router writes it: {@code /api/v1/jobs/:id}. */
    String route() {
        return path.replaceAll("\\{(\\w+)}", ":$1");
    }
}
