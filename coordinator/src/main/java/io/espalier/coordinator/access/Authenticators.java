package io.espalier.coordinator.access;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;

/** Makes the authenticator that a configuration asks for. */
public final class Authenticators {
    private Authenticators() {}

    /** @return fails with a sentence for the operator if tokens or keys cannot be read */
    public static Future<Authenticator> create(Vertx vertx, AccessConfig config) {
        if (config.jwt() != null) {
            return JwtAuthenticator.create(vertx, config.jwt()).map(jwt -> jwt);
        }
        if (config.tokens() != null) {
            return vertx.executeBlocking(() -> TokenAuthenticator.ofFile(config.tokens()));
        }
        return Future.succeededFuture(config.token() == null
                ? Authenticator.OPEN
                : new TokenAuthenticator(Map.of(TokenAuthenticator.digest(config.token()),
                        new Caller("token", Role.ALL))));
    }
}
