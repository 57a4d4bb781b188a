package io.espalier.coordinator;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** One self-signed certificate for 127.0.0.1, made by the JDK's keytool, as PEM files and as a key store. */
record Certificates(Path certificate, Path key, KeyStore store) {
    private static final char[] PASSWORD = "password".toCharArray();
    private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[]{'\n'});

    static Certificates make(Path folder, String name) throws Exception {
        Files.createDirectories(folder);
        Path file = folder.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-ext", "san=ip:127.0.0.1",
                "-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", new String(PASSWORD))
                .redirectErrorStream(true).start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException(output);
        }
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD);
        }
        Key key = store.getKey(name, PASSWORD);
        return new Certificates(pem(folder.resolve(name + ".pem"), "CERTIFICATE", store.getCertificate(name)
                .getEncoded()), pem(folder.resolve(name + ".key"), "PRIVATE KEY", key.getEncoded()), store);
    }

    /** A client that trusts the holder of this certificate and, if given, shows another one. */
    SSLContext trusting(Certificates shown) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", store.getCertificate(store.aliases().nextElement()));
        trust.init(trusted);
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(shown == null ? null : shown.store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(shown == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static Path pem(Path file, String type, byte[] content) throws Exception {
        return Files.writeString(file, "-----BEGIN " + type + "-----\n" + LINES.encodeToString(content) + "\n-----END "
                + type + "-----\n");
    }
}
