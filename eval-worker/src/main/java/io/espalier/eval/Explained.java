package io.espalier.eval;

import io.espalier.evaluation.task.TaskDataException;
import io.espalier.model.config.InvalidCheckpointException;
import io.espalier.model.config.UnsupportedModelException;
import io.espalier.model.text.InvalidTextException;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;

/** Tells the runtime which failures of a handler are the input's, so that nobody tries it again. */
record Explained<W extends Work>(TaskHandler<W> handler) implements TaskHandler<W> {
    @Override
    public TaskResult run(W work, TaskContext context) throws Exception {
        try {
            return handler.run(work, context);
        } catch (InvalidCheckpointException | UnsupportedModelException | InvalidTextException | TaskDataException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new PermanentFailureException(e.getMessage(), e);
        } catch (ArithmeticException e) {
            throw new PermanentFailureException(e.getMessage() + "; look for NaN or infinite weights", e);
        }
    }
}
