package io.espalier.worker.task;

import io.espalier.protocol.message.FailureKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a throwable of a handler means. */
final class Failures {
    private static final int LONGEST_DETAIL = 16_000;

    private Failures() {}

    static FailureKind kindOf(Throwable failure) {
        if (causes(failure).anyMatch(PermanentFailureException.class::isInstance)
                || causes(failure).anyMatch(Failures::saysDiskFull)) {
            return FailureKind.PERMANENT;
        }
        return causes(failure).anyMatch(Failures::saysOutOfMemory) ? FailureKind.OUT_OF_MEMORY : FailureKind.TRANSIENT;
    }

    /** The heap's error, or what the tensor engine says on CPU ("not enough memory") and GPU ("CUDA out of memory"). */
    private static boolean saysOutOfMemory(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        return cause instanceof OutOfMemoryError || message.contains("not enough memory")
                || message.contains("out of memory");
    }

    /** Nobody but a person makes room: trying again would only fill the log. */
    private static boolean saysDiskFull(Throwable cause) {
        String message = String.valueOf(cause.getMessage());
        return message.contains("No space left on device") || message.contains("Disk quota exceeded");
    }

    /** One line for the user. */
    static String messageOf(Throwable failure) {
        Optional<Throwable> full = causes(failure).filter(Failures::saysDiskFull).findFirst();
        if (full.isPresent()) {
            return "the disk is full (" + firstLine(full.get()) + "); make room, then let the job go on with retry";
        }
        Throwable cause = causes(failure).filter(PermanentFailureException.class::isInstance).findFirst()
                .orElse(failure);
        String message = cause.getMessage();
        return message == null || message.isBlank()
                ? cause.getClass().getSimpleName()
                : cause instanceof PermanentFailureException
                        ? message
                        : cause.getClass().getSimpleName() + ": " + firstLine(cause);
    }

    private static String firstLine(Throwable cause) {
        return cause.getMessage().lines().findFirst().orElse("");
    }

    /** The stack trace, for operators. */
    static String detailOf(Throwable failure) {
        var text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.getBuffer().substring(0, Math.min(LONGEST_DETAIL, text.getBuffer().length()));
    }

    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause).limit(20);
    }
}
