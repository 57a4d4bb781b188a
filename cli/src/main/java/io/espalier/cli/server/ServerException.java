package io.espalier.cli.server;

import java.util.List;

/** The coordinator refused, or cannot be reached; the message is for the user. */
public final class ServerException extends Exception {
    private static final long serialVersionUID = 1;

    private final int status;

    ServerException(int status, String message) {
        super(message);
        this.status = status;
    }

    ServerException(String message, Throwable cause) {
        super(message, cause);
        this.status = 0;
    }

    static ServerException of(int status, String title, String detail, List<String> errors) {
        StringBuilder message = new StringBuilder(detail == null || detail.isBlank() ? title : detail);
        errors.forEach(error -> message.append("\n").append(error));
        return new ServerException(status, message.toString());
    }

    /** HTTP status; 0 when there was no answer. */
    public int status() {
        return status;
    }

    /** Whether the request itself is at fault, so that repeating it is no use. */
    public boolean isUsersFault() {
        return status >= 400 && status < 500;
    }
}
