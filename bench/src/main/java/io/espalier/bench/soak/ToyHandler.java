package io.espalier.bench.soak;

import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.TaskContext;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;

/** Works in steps, with a checkpoint half way and one when told to stop; counts one token per task that it finishes. */
final class ToyHandler<W extends Work> implements TaskHandler<W> {
    private static final int STEPS = 10;
    private static final int SHORTEST_MILLIS = 50;
    private static final int LONGEST_MILLIS = 700;

    @Override
    public TaskResult run(W work, TaskContext context) throws Exception {
        String digest = ToyResults.digest(work, "time");
        int millis = SHORTEST_MILLIS + ToyResults.number(work, LONGEST_MILLIS - SHORTEST_MILLIS);
        for (int step = begin(context, digest); step < STEPS; step++) {
            if (step == STEPS / 2 || context.stopping()) {
                context.checkpoint(context.artifacts().putBytes((digest + " " + step).getBytes(
                        StandardCharsets.UTF_8)));
            }
            context.progress((double) step / STEPS, null);
            Thread.sleep(millis / STEPS);
        }
        context.tokens(1);
        return new ToyWork(context.artifacts(), context.scratch()).of(work);
    }

    /** @throws IllegalStateException if the checkpoint is another task's */
    private static int begin(TaskContext context, String digest) throws IOException {
        if (context.resumeFrom().isEmpty()) {
            return 0;
        }
        ArtifactRef checkpoint = context.resumeFrom().get();
        String[] words = Files.readString(context.artifacts().file(checkpoint)).split(" ");
        if (!words[0].equals(digest)) {
            throw new IllegalStateException("the checkpoint is another task's");
        }
        return Integer.parseInt(words[1]);
    }
}
