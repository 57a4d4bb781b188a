package io.espalier.coordinator.http;

import io.espalier.coordinator.access.Authenticator;
import io.espalier.coordinator.access.Caller;
import io.espalier.coordinator.access.RejectedTokenException;
import io.espalier.coordinator.access.Role;
import io.vertx.core.Future;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets through to one operation whoever has its role. The token comes in the header Authorization or, from the page, in
 * a cookie that only this server reads ({@link SessionHandler}). What changes something is logged with the caller.
 */
final class Admission implements SecurityPolicyHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);
    private static final String BEARER = "Bearer ";

    private final Authenticator authenticator;
    private final TlsConfig tls;
    private final Operation operation;

    Admission(Authenticator authenticator, TlsConfig tls, Operation operation) {
        this.authenticator = authenticator;
        this.tls = tls;
        this.operation = operation;
    }

    @Override
    public void handle(RoutingContext context) {
        if (operation.role() == null) {
            context.next();
            return;
        }
        if (tls.isMutual() && context.request().connection().sslSession() != null && !hasCertificate(context)) {
            throw Problem.unauthorized("show a client certificate");
        }
        if (!authenticator.isRequired()) {
            context.next();
            return;
        }
        String token = token(context.request());
        if (token == null) {
            throw refused(context, "send the header Authorization: Bearer <token>");
        }
        admit(context, authenticator.authenticate(token));
    }

    private void admit(RoutingContext context, Future<Caller> authenticated) {
        context.request().pause(); // the body waits until somebody reads it
        authenticated.onComplete(answer -> {
            context.request().resume();
            if (answer.failed()) {
                context.fail(answer.cause() instanceof RejectedTokenException rejected
                        ? refused(context, rejected.getMessage())
                        : answer.cause());
            } else if (!answer.result().may(operation.role())) {
                context.fail(Problem.forbidden(answer.result().name() + " has not the role "
                        + operation.role().label()));
            } else {
                audit(context, answer.result());
                context.next();
            }
        });
    }

    private void audit(RoutingContext context, Caller caller) {
        if (operation.role() != Role.READ) {
            LOG.atInfo().addKeyValue("caller", caller.name()).addKeyValue("operation", operation)
                    .addKeyValue("path", context.request().path()).log("admitted");
        }
    }

    private static Problem.Failure refused(RoutingContext context, String detail) {
        context.response().putHeader("WWW-Authenticate", "Bearer realm=\"espalier\"");
        return Problem.unauthorized(detail);
    }

    private static boolean hasCertificate(RoutingContext context) {
        try {
            return context.request().connection().peerCertificates() != null;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    private static String token(HttpServerRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        if (header != null && header.startsWith(BEARER)) {
            return header.substring(BEARER.length());
        }
        Cookie cookie = request.getCookie(SessionHandler.COOKIE);
        return header == null && cookie != null ? cookie.getValue() : null;
    }
}
