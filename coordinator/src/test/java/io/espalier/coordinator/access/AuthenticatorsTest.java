package io.espalier.coordinator.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.platform.config.SettingException;
import io.espalier.platform.config.Settings;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is let in by what. Tokens are signed here with the JDK, not with the library that checks them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuthenticatorsTest {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    @TempDir
    Path folder;
    private Vertx vertx;
    private KeyPair key;
    private KeyPair other;

    @BeforeAll
    void start() throws Exception {
        vertx = Vertx.vertx();
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        key = generator.generateKeyPair();
        other = generator.generateKeyPair();
    }

    @AfterAll
    void stop() {
        await(vertx.close());
    }

    @Test
    void tokensOfAFileHaveTheirRoles() throws Exception {
        Path file = folder.resolve("tokens.yaml");
        Files.writeString(file, """
                - { name: ci, token: for-ci, roles: [submit] }
                - { name: on-call, sha256: %s, roles: [operate] }
                """.formatted(TokenAuthenticator.digest("for-on-call")));
        Authenticator tokens = create(new AccessConfig(null, file.toString(), null));
        assertThat(await(tokens.authenticate("for-ci")).roles()).containsExactlyInAnyOrder(Role.SUBMIT, Role.READ);
        assertThat(await(tokens.authenticate("for-on-call")).may(Role.OPERATE)).isTrue();
        assertThat(await(tokens.authenticate("for-on-call")).may(Role.SUBMIT)).isFalse();
        assertRejected(tokens, "for-nobody");
        assertRejected(tokens, "");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[]|must be a list", "{name: x}|must be a list",
        "[{name: x, roles: [read]}]|entry 1: write either token or sha256",
        "[{name: x, token: s3cret, roles: [root]}]|is none of read, submit, operate",
        "[{name: x, token: s3cret}]|roles", "[{token: s3cret, roles: [read]}]|needs a name",
        "[{name: x, sha256: abc, roles: [read]}]|64 hexadecimal digits",
        "[{name: x, token: s3cret, roles: [read]}, {name: y, token: s3cret, roles: [read]}]|earlier entry"})
    void aFileThatIsWrongIsExplainedWithoutItsTokens(String text, String message) throws Exception {
        Path file = folder.resolve("wrong.yaml");
        Files.writeString(file, text);
        assertThatThrownBy(() -> create(new AccessConfig(null, file.toString(), null)))
                .isInstanceOf(SettingException.class).hasMessageContaining(message)
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void webTokensAreHeldToSignatureTimeIssuerAndAudience() throws Exception {
        Authenticator jwt = create(jwt(file("jwks.json", "k1", key), "roles"));
        Caller caller = await(jwt.authenticate(token("k1", key, claims())));
        assertThat(caller.name()).isEqualTo("alice");
        assertThat(caller.roles()).containsExactlyInAnyOrder(Role.SUBMIT, Role.READ);
        assertRejected(jwt, token("k1", other, claims()));
        assertRejected(jwt, token("k1", key, claims().put("exp", Instant.now().minusSeconds(90).getEpochSecond())));
        assertRejected(jwt, token("k1", key, claims().put("nbf", Instant.now().plusSeconds(600).getEpochSecond())));
        assertRejected(jwt, token("k1", key, claims().put("iss", "https://evil.example")));
        assertRejected(jwt, token("k1", key, claims().put("aud", "another-service")));
        JsonObject endless = claims();
        endless.remove("exp");
        assertRejected(jwt, token("k1", key, endless));
        assertRejected(jwt, unsigned(claims()));
        assertRejected(jwt, "no.web.token");
        String good = token("k1", key, claims());
        assertRejected(jwt, good.substring(0, good.length() - 6) + "AAAAAA");
    }

    @Test
    void rolesMayStandDeepOrBeScopes() throws Exception {
        String keys = file("deep.json", "k1", key);
        JsonObject deep = claims().put("realm_access", new JsonObject().put("roles",
                new JsonArray().add("operate").add("offline_access")));
        assertThat(await(create(jwt(keys, "realm_access.roles")).authenticate(token("k1", key, deep))).roles())
                .containsExactlyInAnyOrder(Role.OPERATE, Role.READ);
        JsonObject scopes = claims().put("scope", "openid espalier:read");
        assertThat(await(create(jwt(keys, "scope")).authenticate(token("k1", key, scopes))).roles())
                .containsExactly(Role.READ);
        assertThat(await(create(jwt(keys, "nothing.here")).authenticate(token("k1", key, claims()))).roles())
                .isEmpty();
    }

    @RepeatedTest(30) // one in seventy fetches once lost its body: it came before anyone listened
    void rotatedKeysAreFetchedAgain() throws Exception {
        AtomicReference<String> served = new AtomicReference<>(keySet("old", other).encode());
        var server = await(vertx.createHttpServer().requestHandler(request -> request.response().end(served.get()))
                .listen(0, "127.0.0.1"));
        Authenticator jwt = create(jwt("http://127.0.0.1:" + server.actualPort() + "/keys", "roles"));
        assertThat(await(jwt.authenticate(token("old", other, claims()))).name()).isEqualTo("alice");
        served.set(keySet("new", key).encode());
        assertRejected(jwt, token("new", key, claims())); // a flood of unknown tokens must not become one of requests
        ((JwtAuthenticator) jwt).forgetLastRefresh();
        assertThat(await(jwt.authenticate(token("new", key, claims()))).name()).isEqualTo("alice");
        assertRejected(jwt, token("old", other, claims()));
        await(server.close());
    }

    @Test
    void keysThatCannotBeReadAreRefusedAtStart() throws Exception {
        Path empty = folder.resolve("empty.json");
        Files.writeString(empty, "{\"keys\": []}");
        assertThatThrownBy(() -> create(jwt(empty.toString(), "roles"))).isInstanceOf(SettingException.class)
                .hasMessageContaining("without keys");
        assertThatThrownBy(() -> create(jwt(folder.resolve("none").toString(), "roles")))
                .isInstanceOf(SettingException.class).hasMessageContaining("auth.jwks");
    }

    @Test
    void onlyOneWayMayBeConfigured() {
        assertThatThrownBy(() -> AccessConfig.from(Settings.fromEnv(Map.of("ESPALIER_HTTP_TOKEN", "s3cret",
                "ESPALIER_AUTH_JWKS", "/keys")))).isInstanceOf(SettingException.class)
                .hasMessageContaining("ESPALIER_AUTH_JWKS").hasMessageNotContaining("s3cret");
        assertThat(AccessConfig.from(Settings.fromEnv(Map.of("ESPALIER_HTTP_TOKEN", "s3cret"))).toString())
                .doesNotContain("s3cret");
    }

    private Authenticator create(AccessConfig config) {
        return await(Authenticators.create(vertx, config));
    }

    private static AccessConfig jwt(String keys, String rolesClaim) {
        return new AccessConfig(null, null,
                new AccessConfig.Jwt(keys, "https://id.example", "espalier", rolesClaim));
    }

    private static JsonObject claims() {
        return new JsonObject().put("sub", "alice").put("iss", "https://id.example").put("aud", "espalier")
                .put("exp", Instant.now().plusSeconds(600).getEpochSecond())
                .put("roles", new JsonArray(List.of("submit", "admin")));
    }

    private String file(String name, String id, KeyPair pair) throws Exception {
        return Files.writeString(folder.resolve(name), keySet(id, pair).encode()).toString();
    }

    private static JsonObject keySet(String id, KeyPair pair) {
        RSAPublicKey rsa = (RSAPublicKey) pair.getPublic();
        return new JsonObject().put("keys", new JsonArray().add(new JsonObject().put("kty", "RSA").put("alg", "RS256")
                .put("use", "sig").put("kid", id).put("n", BASE64.encodeToString(rsa.getModulus().toByteArray()))
                .put("e", BASE64.encodeToString(rsa.getPublicExponent().toByteArray()))));
    }

    private static String token(String id, KeyPair pair, JsonObject claims) throws Exception {
        String text = part(new JsonObject().put("alg", "RS256").put("typ", "JWT").put("kid", id)) + "." + part(claims);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(pair.getPrivate());
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + "." + BASE64.encodeToString(signature.sign());
    }

    private static String unsigned(JsonObject claims) {
        return part(new JsonObject().put("alg", "none").put("typ", "JWT")) + "." + part(claims) + ".";
    }

    private static String part(JsonObject json) {
        return BASE64.encodeToString(json.encode().getBytes(StandardCharsets.UTF_8));
    }

    private static void assertRejected(Authenticator authenticator, String token) {
        assertThatThrownBy(() -> await(authenticator.authenticate(token)))
                .isInstanceOf(RejectedTokenException.class);
    }

    private static <T> T await(Future<T> future) {
        try {
            return future.toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            sneak(e.getCause());
            throw e;
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Throwable> void sneak(Throwable e) throws X {
        throw (X) e;
    }
}
