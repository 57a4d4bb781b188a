package io.espalier.coordinator.http;

import io.espalier.coordinator.access.Role;
import io.vertx.core.http.HttpMethod;

/** Everything that can be asked for, as the router and openapi.json name it. */
public enum Operation {
    // @formatter:off
    SUBMIT_JOB(HttpMethod.POST, "/api/v1/jobs", Role.SUBMIT),
    LIST_JOBS(HttpMethod.GET, "/api/v1/jobs", Role.READ),
    GET_JOB(HttpMethod.GET, "/api/v1/jobs/{id}", Role.READ),
    DELETE_JOB(HttpMethod.DELETE, "/api/v1/jobs/{id}", Role.OPERATE),
    GET_REPORT(HttpMethod.GET, "/api/v1/jobs/{id}/report", Role.READ),
    GET_SECTIONS(HttpMethod.GET, "/api/v1/jobs/{id}/sections", Role.READ),
    COMPARE_JOBS(HttpMethod.GET, "/api/v1/comparison", Role.READ),
    CANCEL_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/cancel", Role.OPERATE),
    PAUSE_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/pause", Role.OPERATE),
    RESUME_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/resume", Role.OPERATE),
    RETRY_JOB(HttpMethod.POST, "/api/v1/jobs/{id}/retry", Role.OPERATE),
    FOLLOW_JOB(HttpMethod.GET, "/api/v1/jobs/{id}/events", Role.READ),
    FOLLOW_JOBS(HttpMethod.GET, "/api/v1/events", Role.READ),
    LIST_DEAD_LETTERS(HttpMethod.GET, "/api/v1/dead-letters", Role.READ),
    REPLAY_DEAD_LETTER(HttpMethod.POST, "/api/v1/dead-letters/{number}/replay", Role.OPERATE),
    GET_ABOUT(HttpMethod.GET, "/api/v1/about", Role.READ),
    GET_CHARTS_STYLE(HttpMethod.GET, "/charts.css", null),
    OPEN_SESSION(HttpMethod.POST, "/api/v1/session", Role.READ),
    CLOSE_SESSION(HttpMethod.DELETE, "/api/v1/session", null),
    GET_OPENAPI(HttpMethod.GET, "/openapi.json", Role.READ),
    GET_REQUEST_SCHEMA(HttpMethod.GET, "/request.schema.json", Role.READ),
    GET_METRICS(HttpMethod.GET, "/metrics", Role.READ),
    GET_LIVE(HttpMethod.GET, "/health/live", null),
    GET_READY(HttpMethod.GET, "/health/ready", null);
    // @formatter:on

    private final HttpMethod method;
    private final String path;
    private final Role role;

    Operation(HttpMethod method, String path, Role role) {
        this.method = method;
        this.path = path;
        this.role = role;
    }

    public HttpMethod method() {
        return method;
    }

    /** What a caller needs; null where anyone may ask. */
    public Role role() {
        return role;
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
