package io.espalier.platform.kafka;

/** The Kafka cluster cannot serve us as it is; the message is for the operator. */
public final class ClusterNotReadyException extends Exception {
    public ClusterNotReadyException(String message) {
        super(message);
    }

    public ClusterNotReadyException(String what, Throwable cause) {
        super(what + ": " + cause.getMessage(), cause);
    }
}
