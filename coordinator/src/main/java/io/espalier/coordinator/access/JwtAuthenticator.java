package io.espalier.coordinator.access;

import io.espalier.platform.config.SettingException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.auth.JWTOptions;
import io.vertx.ext.auth.authentication.TokenCredentials;
import io.vertx.ext.auth.jwt.JWTAuth;
import io.vertx.ext.auth.jwt.JWTAuthOptions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * JSON Web Tokens signed with a key of a JSON Web Key Set. Signature, expiry, issuer and audience are checked; a token
 * that never expires is refused. Where the keys come from an address they are fetched again when a token is signed with
 * an unknown one, at most once in a while, so that an identity provider can rotate its keys.
 */
final class JwtAuthenticator implements Authenticator {
    private static final Logger LOG = LoggerFactory.getLogger(JwtAuthenticator.class);
    private static final int LEEWAY_SECONDS = 30;
    private static final long LEAST_REFRESH_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final int PATIENCE_MILLIS = 10_000;

    private final Vertx vertx;
    private final AccessConfig.Jwt config;
    private volatile JWTAuth keys;
    private volatile long refreshedAt;

    private JwtAuthenticator(Vertx vertx, AccessConfig.Jwt config) {
        this.vertx = vertx;
        this.config = config;
    }

    static Future<JwtAuthenticator> create(Vertx vertx, AccessConfig.Jwt config) {
        var authenticator = new JwtAuthenticator(vertx, config);
        return authenticator.refresh().map(authenticator).recover(e -> Future.failedFuture(new SettingException(
                "auth.jwks: cannot read keys from " + config.keys() + ": " + e.getMessage(), e)));
    }

    @Override
    public Future<Caller> authenticate(String token) {
        return verify(token).recover(first -> mayRefresh()
                ? refresh().recover(e -> {
                    LOG.atWarn().addKeyValue("keys", config.keys()).setCause(e).log("keys not fetched again");
                    return Future.succeededFuture();
                }).compose(_ -> verify(token))
                : Future.failedFuture(first)).recover(e -> Future.failedFuture(
                        e instanceof RejectedTokenException
                                ? e
                                : new RejectedTokenException("this token is not valid here: " + e.getMessage())));
    }

    private Future<Caller> verify(String token) {
        return keys.authenticate(new TokenCredentials(token)).compose(user -> {
            JsonObject claims = user.principal();
            JsonObject body = user.attributes().getJsonObject("accessToken", claims);
            if (body.getValue("exp") == null) {
                return Future.failedFuture(new RejectedTokenException("this token never expires"));
            }
            return Future.succeededFuture(new Caller(body.getString("sub", "unnamed"), roles(body)));
        });
    }

    private Set<Role> roles(JsonObject claims) {
        Object value = claims;
        for (String key : config.rolesClaim().split("\\.")) {
            value = value instanceof JsonObject object ? object.getValue(key) : null;
        }
        Stream<String> names = switch (value) {
            case JsonArray array -> array.stream().map(String::valueOf);
            case String text -> Stream.of(text.split("\\s+"));
            case null, default -> Stream.empty();
        };
        Set<Role> roles = EnumSet.noneOf(Role.class);
        names.forEach(name -> Role.of(name).ifPresent(roles::add));
        return roles;
    }

    private boolean mayRefresh() {
        return isRemote() && System.nanoTime() - refreshedAt > LEAST_REFRESH_NANOS;
    }

    /** As if the keys had been fetched long ago. */
    void forgetLastRefresh() {
        refreshedAt = System.nanoTime() - 2 * LEAST_REFRESH_NANOS;
    }

    private boolean isRemote() {
        return config.keys().startsWith("http://") || config.keys().startsWith("https://");
    }

    private Future<Void> refresh() {
        refreshedAt = System.nanoTime();
        return fetch().map(text -> {
            keys = JWTAuth.create(vertx, options(text));
            return null;
        });
    }

    private Future<Buffer> fetch() {
        if (!isRemote()) {
            return vertx.fileSystem().readFile(config.keys());
        }
        Promise<Buffer> body = Promise.promise();
        // a body that arrives before someone listens is lost, so all of the exchange runs on one event loop
        vertx.getOrCreateContext().runOnContext(_ -> download().onComplete(body));
        return body.future();
    }

    private Future<Buffer> download() {
        var client = vertx.createHttpClient(new HttpClientOptions().setConnectTimeout(PATIENCE_MILLIS));
        return client.request(new RequestOptions().setMethod(HttpMethod.GET).setAbsoluteURI(config.keys())
                .setTimeout(PATIENCE_MILLIS)).compose(request -> request.send()).compose(response -> {
                    if (response.statusCode() != 200) {
                        return Future.failedFuture("status " + response.statusCode());
                    }
                    return response.body();
                }).eventually(client::close);
    }

    private JWTAuthOptions options(Buffer text) {
        List<JsonObject> set = new ArrayList<>();
        try {
            JsonArray array = new JsonObject(text).getJsonArray("keys", new JsonArray());
            for (int i = 0; i < array.size(); i++) {
                set.add(array.getJsonObject(i));
            }
        } catch (DecodeException | ClassCastException e) {
            throw new IllegalArgumentException("not a JSON Web Key Set", e);
        }
        if (set.isEmpty()) { // without keys, unsigned tokens would be accepted
            throw new IllegalArgumentException("a JSON Web Key Set without keys");
        }
        JWTOptions rules = new JWTOptions().setLeeway(LEEWAY_SECONDS);
        if (config.issuer() != null) {
            rules.setIssuer(config.issuer());
        }
        if (config.audience() != null) {
            rules.setAudience(List.of(config.audience()));
        }
        return new JWTAuthOptions().setJwks(set).setJWTOptions(rules);
    }
}
