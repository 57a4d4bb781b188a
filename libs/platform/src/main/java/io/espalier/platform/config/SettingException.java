package io.espalier.platform.config;

/** A setting is missing or wrong; the message says which, where it came from and what would be right. */
public final class SettingException extends IllegalArgumentException {
    public SettingException(String message) {
        super(message);
    }

    public SettingException(String message, Throwable cause) {
        super(message, cause);
    }
}
