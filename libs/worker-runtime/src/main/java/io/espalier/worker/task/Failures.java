package io.espalier.worker.task;

import io.espalier.protocol.message.FailureKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.AccessDeniedException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What a throwable of a handler means. */
final class Failures {
    private static final int LONGEST_DETAIL = 16_000;

    private Failures() {}

    /** What nobody but a person mends: trying again would only fill the log. */
    private enum Obstacle {
        DISK_FULL("the disk is full", "make room", "No space left on device", "Disk quota exceeded"), READ_ONLY(
                "the place is read-only", "name another or mount it for writing",
                "Read-only file system"), NO_PERMISSION("no permission", "let the worker's user have access",
                        "Permission denied"), NO_FOLDER("a file stands where a folder must be",
                                "remove it or name another place", "Not a directory");

        private final String sentence;
        private final String remedy;
        private final List<String> messages;

        Obstacle(String sentence, String remedy, String... messages) {
            this.sentence = sentence;
            this.remedy = remedy;
            this.messages = List.of(messages);
        }

        static Optional<Obstacle> of(Throwable cause) {
            String message = String.valueOf(cause.getMessage());
            return cause instanceof AccessDeniedException
                    ? Optional.of(NO_PERMISSION)
                    : Stream.of(values()).filter(obstacle -> obstacle.messages.stream().anyMatch(message::contains))
                            .findFirst();
        }

        String tell(Throwable cause) {
            return sentence + " (" + firstLine(cause) + "); " + remedy + ", then let the job go on with retry";
        }
    }

    static FailureKind kindOf(Throwable failure) {
        if (causes(failure).anyMatch(PermanentFailureException.class::isInstance)
                || causes(failure).anyMatch(cause -> Obstacle.of(cause).isPresent())) {
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

    /** One line for the user. */
    static String messageOf(Throwable failure) {
        Optional<String> obstacle = causes(failure)
                .flatMap(cause -> Obstacle.of(cause).map(found -> found.tell(cause)).stream()).findFirst();
        if (obstacle.isPresent()) {
            return obstacle.get();
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
        return String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
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
