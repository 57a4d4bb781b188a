package io.espalier.coordinator.http;

import io.espalier.platform.config.Settings;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * TLS of the HTTP interface.
 *
 * @param certificate PEM file with the chain; null for plain HTTP
 * @param key         PEM file with its private key
 * @param clientCa    PEM file of who signs client certificates, which are then required except for health; null for none
 */
public record TlsConfig(String certificate, String key, String clientCa) {
    private static final TlsConfig OFF = new TlsConfig(null, null, null);

    public static TlsConfig off() {
        return OFF;
    }

    /**
     * Reads {@code http.tls.certificate}, {@code http.tls.key} and {@code http.tls.client.ca}.
     *
     * @throws io.espalier.platform.config.SettingException if one is missing or names no file
     */
    public static TlsConfig from(Settings settings) {
        String certificate = file(settings, "http.tls.certificate");
        String key = file(settings, "http.tls.key");
        String clientCa = file(settings, "http.tls.client.ca");
        if ((certificate == null) != (key == null)) {
            throw settings.refused(certificate == null ? "http.tls.certificate" : "http.tls.key",
                    "certificate and key go together");
        }
        if (clientCa != null && certificate == null) {
            throw settings.refused("http.tls.client.ca", "client certificates need TLS: set http.tls.certificate");
        }
        return certificate == null ? OFF : new TlsConfig(certificate, key, clientCa);
    }

    private static String file(Settings settings, String key) {
        String file = settings.text(key).orElse(null);
        if (file != null && !Files.isReadable(Path.of(file))) {
            throw settings.refused(key, "there is no such file that can be read");
        }
        return file;
    }

    public boolean isOn() {
        return certificate != null;
    }

    /** Whether callers must show a certificate. */
    public boolean isMutual() {
        return clientCa != null;
    }

    HttpServerOptions applyTo(HttpServerOptions options) {
        if (isOn()) {
            options.setSsl(true).setUseAlpn(true)
                    .setKeyCertOptions(new PemKeyCertOptions().setCertPath(certificate).setKeyPath(key));
        }
        if (isMutual()) { // asked for, not demanded: probes of an orchestrator have none; Admission refuses the rest
            options.setClientAuth(ClientAuth.REQUEST).setTrustOptions(new PemTrustOptions().addCertPath(clientCa));
        }
        return options;
    }
}
