package io.espalier.coordinator.http;

import io.espalier.coordinator.access.AccessConfig;
import io.espalier.platform.config.Settings;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Where and for whom the HTTP interface is.
 *
 * @param port     0 means any free one
 * @param access   how callers prove who they are
 * @param tls      whether it is encrypted
 * @param maxBody  bytes of a request body
 * @param maxJobs  open jobs from which on further ones are refused for now
 * @param grafana  where dashboards are, for links from the page; null for nowhere
 */
public record HttpConfig(String host, int port, AccessConfig access, TlsConfig tls, int maxBody, int maxJobs,
        String grafana) {
    private static final int DEFAULT_PORT = 8080;
    private static final int DEFAULT_MAX_BODY = 1 << 20;
    private static final int DEFAULT_MAX_JOBS = 10_000;

    /**
     * Reads {@code http.host}, {@code http.port}, {@code http.allow.remote}, {@code http.max.body.bytes},
     * {@code jobs.limit}, {@code grafana.url}, and what {@link AccessConfig} and {@link TlsConfig} read.
     *
     * @throws io.espalier.platform.config.SettingException if others could reach it without authentication and nobody
     *         said that they may
     */
    public static HttpConfig from(Settings settings) {
        String host = settings.text("http.host", "127.0.0.1");
        AccessConfig access = AccessConfig.from(settings);
        TlsConfig tls = TlsConfig.from(settings);
        if (!isLoopback(host) && access.isOpen() && !tls.isMutual() && !settings.flag("http.allow.remote", false)) {
            throw settings.refused("http.host", "others could reach it without authentication: set a bearer token"
                    + " (ESPALIER_HTTP_TOKEN), tokens (ESPALIER_AUTH_TOKENS) or keys (ESPALIER_AUTH_JWKS), or ESPALIER_HTTP_ALLOW_REMOTE=true if something else keeps them out");
        }
        return new HttpConfig(host, settings.integer("http.port", DEFAULT_PORT, 0, 65_535), access, tls,
                settings.integer(
                        "http.max.body.bytes", DEFAULT_MAX_BODY, 1024, 1 << 26),
                settings.integer("jobs.limit",
                        DEFAULT_MAX_JOBS, 1, 10_000_000),
                grafana(settings));
    }

    private static String grafana(Settings settings) {
        String url = settings.text("grafana.url").orElse(null);
        if (url != null && !url.matches("https?://[^\\s\"'<>]+")) {
            throw settings.refused("grafana.url", "write an http or https address, not '" + url + "'");
        }
        return url == null ? null : url.replaceAll("/+$", "");
    }

    /** Whether nobody has to say who they are. */
    boolean isOpen() {
        return access.isOpen() && !tls.isMutual();
    }

    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public String toString() {
        return "HttpConfig[host=" + host + ", port=" + port + ", access=" + access + ", tls=" + tls + "]";
    }
}
