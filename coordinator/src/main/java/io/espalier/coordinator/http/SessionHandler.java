package io.espalier.coordinator.http;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/**
 * Signs the page in: a browser cannot send a header with an event stream, so the token it was given becomes a cookie
 * that scripts cannot read and other sites' pages cannot send.
 */
final class SessionHandler {
    static final String COOKIE = "espalier-session";

    private final boolean secure;

    /** @param secure whether the interface is reached by TLS only */
    SessionHandler(boolean secure) {
        this.secure = secure;
    }

    /** {@link Admission} has looked at the token before. */
    void open(RoutingContext context) {
        String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        if (header != null) {
            context.response().addCookie(cookie(header.substring(header.indexOf(' ') + 1)));
        }
        context.response().setStatusCode(204).end();
    }

    void close(RoutingContext context) {
        context.response().addCookie(cookie("").setMaxAge(0)).setStatusCode(204).end();
    }

    private Cookie cookie(String token) {
        return Cookie.cookie(COOKIE, token).setPath("/").setHttpOnly(true).setSecure(secure)
                .setSameSite(CookieSameSite.STRICT);
    }
}
