package io.espalier.coordinator.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.net.URI;

/**
 * A web page of another site may not use its visitor's browser to reach us: its requests carry an Origin that is not
 * ours, or a Host that is not this machine's. Who may ask for what is {@link Admission}'s.
 */
final class Guard implements SecurityPolicyHandler {
    private final HttpConfig config;

    Guard(HttpConfig config) {
        this.config = config;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        context.response().putHeader("X-Content-Type-Options", "nosniff").putHeader("Content-Security-Policy",
                "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'");
        refuseForeignPages(request);
        context.next();
    }

    private void refuseForeignPages(HttpServerRequest request) {
        String authority = request.authority() == null ? "" : request.authority().toString();
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !authority.equals(authority(origin))) {
            throw Problem.forbidden("requests of web pages from " + origin + " are not accepted");
        }
        boolean local = HttpConfig.isLoopback(config.host()) && config.isOpen();
        if (local && request.authority() != null && !isLocalName(request.authority().host())) {
            throw Problem.forbidden("this address is served to this machine only, not as " + authority);
        }
    }

    private static boolean isLocalName(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]") || host.equals("::1");
    }

    private static String authority(String origin) {
        try {
            return String.valueOf(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
