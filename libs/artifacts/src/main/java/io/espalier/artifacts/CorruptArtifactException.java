package io.espalier.artifacts;

import java.io.IOException;

/** The stored bytes are not those that the name promises. */
public final class CorruptArtifactException extends IOException {
    public CorruptArtifactException(String message) {
        super(message);
    }
}
