package io.espalier.coordinator.access;

import io.espalier.platform.config.Settings;
import java.util.List;
import java.util.stream.Stream;

/**
 * How callers prove who they are: at most one way.
 *
 * @param token  the one bearer token, with all roles; null for none
 * @param tokens file of tokens with roles; null for none
 * @param jwt    JSON Web Tokens; null for none
 */
public record AccessConfig(String token, String tokens, Jwt jwt) {
    private static final AccessConfig OPEN = new AccessConfig(null, null, null);

    /**
     * @param keys       file or http(s) address of a JSON Web Key Set
     * @param issuer     what {@code iss} must be; null for anything
     * @param audience   what {@code aud} must contain; null for anything
     * @param rolesClaim where the roles stand, for example {@code realm_access.roles}
     */
    public record Jwt(String keys, String issuer, String audience, String rolesClaim) {}

    /** Nobody has to say who they are. */
    public static AccessConfig open() {
        return OPEN;
    }

    public static AccessConfig ofToken(String token) {
        return new AccessConfig(token, null, null);
    }

    /**
     * Reads {@code http.token}, {@code auth.tokens}, {@code auth.jwks}, {@code auth.issuer}, {@code auth.audience} and
     * {@code auth.roles.claim}.
     *
     * @throws io.espalier.platform.config.SettingException if more than one way is configured
     */
    public static AccessConfig from(Settings settings) {
        List<String> ways = Stream.of("http.token", "auth.tokens", "auth.jwks")
                .filter(key -> settings.text(key).isPresent()).toList();
        if (ways.size() > 1) {
            throw settings.refused(ways.get(1), "use either this or " + ways.getFirst());
        }
        Jwt jwt = settings.text("auth.jwks").map(keys -> new Jwt(keys, settings.text("auth.issuer").orElse(null),
                settings.text("auth.audience").orElse(null), settings.text("auth.roles.claim", "roles"))).orElse(null);
        return new AccessConfig(settings.text("http.token").orElse(null), settings.text("auth.tokens").orElse(null),
                jwt);
    }

    public boolean isOpen() {
        return token == null && tokens == null && jwt == null;
    }

    @Override
    public String toString() {
        return token != null
                ? "one token"
                : tokens != null ? "tokens of " + tokens : jwt != null ? jwt.toString() : "open";
    }
}
