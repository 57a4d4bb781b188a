package io.espalier.coordinator.http;

import io.espalier.coordinator.log.DeadLetters;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.util.Map;

/** What could not be processed: look at it, send it again. */
final class DeadLetterHandlers {
    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST_AT_ONCE = 500;

    private final Vertx vertx;
    private final DeadLetters letters;

    DeadLetterHandlers(Vertx vertx, DeadLetters letters) {
        this.vertx = vertx;
        this.letters = letters;
    }

    void list(RoutingContext context) {
        int limit = Parameters.number(context, "limit", DEFAULT_LIMIT, MOST_AT_ONCE);
        vertx.executeBlocking(() -> letters.latest(limit), false).onSuccess(found -> Answers.send(context.response(),
                200, Answers.JSON, Map.of("deadLetters", found))).onFailure(context::fail);
    }

    void replay(RoutingContext context) {
        String text = context.pathParam("number");
        if (!text.matches("\\d{1,18}")) {
            throw Problem.notFound("there is no dead letter " + text);
        }
        vertx.executeBlocking(() -> replay(Long.parseLong(text)), false).onSuccess(replayed -> Answers.send(context
                .response(), 202, Answers.JSON, replayed)).onFailure(context::fail);
    }

    private DeadLetters.Replayed replay(long number) throws Exception {
        try {
            return letters.replay(number).orElseThrow(() -> Problem.notFound("there is no dead letter " + number));
        } catch (IllegalArgumentException e) {
            throw Problem.badRequest(e.getMessage());
        }
    }
}
