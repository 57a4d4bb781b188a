package io.espalier.coordinator.access;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.espalier.platform.config.SettingException;
import io.vertx.core.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tokens that stand in the configuration. Only their SHA-256 is kept: comparing digests takes the same time whatever
 * part of a guess is right, and a dump of the heap holds no token.
 */
final class TokenAuthenticator implements Authenticator {
    private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

    private final Map<String, Caller> callers;

    /** @param callers by the digest of their token */
    TokenAuthenticator(Map<String, Caller> callers) {
        this.callers = Map.copyOf(callers);
    }

    /**
     * Reads a YAML or JSON list of {@code {name, token | sha256, roles: [read, submit, operate]}}.
     *
     * @throws SettingException that names file, entry and key, never a token
     */
    static TokenAuthenticator ofFile(String file) {
        JsonNode list;
        try {
            list = new YAMLMapper().readTree(Files.readAllBytes(Path.of(file)));
        } catch (IOException e) {
            throw new SettingException("auth.tokens: cannot read " + file + ": " + e.getClass().getSimpleName(), e);
        }
        if (!list.isArray() || list.isEmpty()) {
            throw new SettingException("auth.tokens: " + file + " must be a list of {name, token or sha256, roles}");
        }
        Map<String, Caller> callers = new HashMap<>();
        for (int i = 0; i < list.size(); i++) {
            String place = "auth.tokens: " + file + ", entry " + (i + 1) + ": ";
            if (callers.put(digest(list.get(i), place), caller(list.get(i), place)) != null) {
                throw new SettingException(place + "has the token of an earlier entry");
            }
        }
        return new TokenAuthenticator(callers);
    }

    private static String digest(JsonNode entry, String place) {
        String token = entry.path("token").asText("");
        String sha256 = entry.path("sha256").asText("").toLowerCase(Locale.ROOT);
        if (token.isEmpty() == sha256.isEmpty()) {
            throw new SettingException(place + "write either token or sha256");
        }
        if (!sha256.isEmpty() && !SHA_256.matcher(sha256).matches()) {
            throw new SettingException(place + "sha256 must be 64 hexadecimal digits");
        }
        return sha256.isEmpty() ? digest(token) : sha256;
    }

    private static Caller caller(JsonNode entry, String place) {
        String name = entry.path("name").asText("");
        if (name.isBlank()) {
            throw new SettingException(place + "needs a name");
        }
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (JsonNode role : entry.path("roles")) {
            roles.add(Role.of(role.asText()).orElseThrow(() -> new SettingException(
                    place + "roles: '" + role.asText() + "' is none of read, submit, operate")));
        }
        if (roles.isEmpty()) {
            throw new SettingException(place + "roles: write some of read, submit, operate");
        }
        return new Caller(name, roles);
    }

    static String digest(String token) {
        try {
            return HexFormat.of().formatHex(
                    MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public Future<Caller> authenticate(String token) {
        Caller caller = callers.get(digest(token));
        return caller == null
                ? Future.failedFuture(new RejectedTokenException("this token is not known"))
                : Future.succeededFuture(caller);
    }
}
