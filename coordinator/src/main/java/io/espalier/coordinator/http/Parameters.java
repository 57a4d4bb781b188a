package io.espalier.coordinator.http;

import io.vertx.ext.web.RoutingContext;

/** Query parameters that several handlers read. */
final class Parameters {
    private Parameters() {}

    /** A number from 1 to {@code most}. */
    static int number(RoutingContext context, String name, int fallback, int most) {
        String text = context.request().getParam(name, Integer.toString(fallback));
        if (!text.matches("\\d{1,6}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > most) {
            throw Problem.badRequest(name + " = '" + text + "': write a number from 1 to " + most);
        }
        return Integer.parseInt(text);
    }
}
