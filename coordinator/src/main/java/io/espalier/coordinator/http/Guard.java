package io.espalier.coordinator.http;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/**
 * Who may ask: everyone who can reach the port or, with a token, everyone who has it. In any case a web page of another
 * site may not use its visitor's browser to reach us: its requests carry an Origin that is not ours, or a Host that is
 * not this machine's.
 */
final class Guard implements SecurityPolicyHandler {
    private static final String BEARER = "Bearer ";

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
        if (config.token() != null && !request.path().startsWith("/health/") && !hasToken(request)) {
            context.response().putHeader("WWW-Authenticate", "Bearer realm=\"espalier\"");
            throw Problem.unauthorized();
        }
        context.next();
    }

    private void refuseForeignPages(HttpServerRequest request) {
        String authority = request.authority() == null ? "" : request.authority().toString();
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && !authority.equals(authority(origin))) {
            throw Problem.forbidden("requests of web pages from " + origin + " are not accepted");
        }
        boolean local = HttpConfig.isLoopback(config.host()) && config.token() == null;
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

    private boolean hasToken(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.startsWith(BEARER) && MessageDigest.isEqual(
                header.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8),
                config.token().getBytes(StandardCharsets.UTF_8));
    }
}
