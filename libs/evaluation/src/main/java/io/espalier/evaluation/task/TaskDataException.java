package io.espalier.evaluation.task;

/** A task's file is not what its format says. The message names file, line and key, and what should stand there. */
public final class TaskDataException extends Exception {
    public TaskDataException(String message) {
        super(message);
    }

    public TaskDataException(String message, Throwable cause) {
        super(message, cause);
    }
}
