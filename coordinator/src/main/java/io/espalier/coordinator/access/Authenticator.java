package io.espalier.coordinator.access;

import io.vertx.core.Future;

/** Tells who a token belongs to. */
public interface Authenticator {
    /** Nobody has to say who they are. */
    Authenticator OPEN = new Authenticator() {
        @Override
        public boolean isRequired() {
            return false;
        }

        @Override
        public Future<Caller> authenticate(String token) {
            return Future.succeededFuture(new Caller("anyone", Role.ALL));
        }
    };

    /** Whether a request without a token is refused. */
    default boolean isRequired() {
        return true;
    }

    /** @return fails with a {@link RejectedTokenException} that says why, for whoever holds the token */
    Future<Caller> authenticate(String token);
}
