package io.espalier.coordinator.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.protocol.request.InvalidRequestException;
import io.espalier.protocol.request.RequestProblem;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import java.util.List;

/**
 * An error as RFC 9457 wants it, {@code application/problem+json}.
 *
 * @param detail what happened this time, for people
 * @param errors where, with JSON pointers into the body; empty where it is not about the body
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(String type, String title, int status, String detail, List<Place> errors) {
    static final String MEDIA_TYPE = "application/problem+json";

    /** @param line of the body, from 1; absent where it is not known */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Place(String pointer, String detail, Integer line) {}

    /** Thrown by handlers, answered by the one failure handler. */
    @SuppressWarnings("serial")
    static final class Failure extends RuntimeException {
        private final Problem problem;
        private final Integer retryAfterSeconds;

        private Failure(Problem problem, Integer retryAfterSeconds) {
            super(problem.title() + ": " + problem.detail(), null, false, false);
            this.problem = problem;
            this.retryAfterSeconds = retryAfterSeconds;
        }

        Problem problem() {
            return problem;
        }

        void send(HttpServerResponse response) {
            if (retryAfterSeconds != null) {
                response.putHeader(HttpHeaders.RETRY_AFTER, retryAfterSeconds.toString());
            }
            Answers.send(response, problem.status(), MEDIA_TYPE, problem);
        }
    }

    static Failure invalid(InvalidRequestException e) {
        return new Failure(new Problem("urn:espalier:problem:invalid-request", "The request is not valid", 400,
                e.problems().size() == 1
                        ? e.problems().getFirst().toString()
                        : e.problems().size() + " things are wrong with it",
                e.problems().stream().map(Problem::place).toList()), null);
    }

    private static Place place(RequestProblem problem) {
        return new Place(problem.pointer(), problem.message(), problem.line() > 0 ? problem.line() : null);
    }

    static Failure badRequest(String detail) {
        return failure("bad-request", "Bad request", 400, detail);
    }

    static Failure notFound(String detail) {
        return failure("not-found", "Not found", 404, detail);
    }

    static Failure methodNotAllowed(String detail) {
        return failure("method-not-allowed", "Method not allowed", 405, detail);
    }

    static Failure conflict(String detail, List<Place> places) {
        return new Failure(new Problem("urn:espalier:problem:conflict", "Conflict", 409, detail, places), null);
    }

    static Failure tooLarge(String detail) {
        return failure("too-large", "The body is too large", 413, detail);
    }

    static Failure unsupported(String detail) {
        return failure("unsupported-media-type", "Unsupported media type", 415, detail);
    }

    static Failure unauthorized(String detail) {
        return failure("unauthorized", "Unauthorized", 401, detail);
    }

    static Failure forbidden(String detail) {
        return failure("forbidden", "Forbidden", 403, detail);
    }

    static Failure unavailable(String detail, int retryAfterSeconds) {
        return new Failure(new Problem("urn:espalier:problem:unavailable", "Not available for now", 503, detail,
                List.of()), retryAfterSeconds);
    }

    static Failure internal() {
        return failure("internal", "Internal error", 500, "the coordinator's log says more");
    }

    private static Failure failure(String type, String title, int status, String detail) {
        return new Failure(new Problem("urn:espalier:problem:" + type, title, status, detail, List.of()), null);
    }
}
