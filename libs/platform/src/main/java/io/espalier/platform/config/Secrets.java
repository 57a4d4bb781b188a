package io.espalier.platform.config;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Keeps secrets out of logs and messages: by the name of a key, because values look like anything. */
public final class Secrets {
    private static final Pattern SECRET = Pattern.compile(
            "password|secret|token|jaas|credential|private|keystore\\.key",
            Pattern.CASE_INSENSITIVE);
    private static final String HIDDEN = "[hidden]";

    private Secrets() {}

    /** The value, or a placeholder if the key says that it is secret. */
    public static String hide(String key, String value) {
        return SECRET.matcher(key).find() ? HIDDEN : value;
    }

    /** A copy for logs. */
    public static Map<String, String> hide(Map<String, ?> settings) {
        var shown = new TreeMap<String, String>();
        settings.forEach((key, value) -> shown.put(key, hide(key, String.valueOf(value))));
        return shown;
    }
}
