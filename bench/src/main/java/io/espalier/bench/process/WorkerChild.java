package io.espalier.bench.process;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.task.Handled;
import io.espalier.model.engine.Torch;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.worker.metrics.ProcessMemory;
import io.espalier.worker.task.TaskHandler;
import io.espalier.worker.task.Worker;
import io.espalier.worker.task.WorkerProcess;
import java.lang.management.ManagementFactory;
import java.util.List;

/**
 * A scoring-worker that does the work of all workers and looks at its own memory now and then; after so many tasks it
 * prints {@code {tasks, nativeBytes, heapBytes}} (lists of equal length) and ends. Arguments: tasks, tasks between two
 * looks. Settings as for any worker.
 */
public final class WorkerChild {
    private final int tasks;
    private final int every;
    private final ObjectNode found = JsonNodeFactory.instance.objectNode();
    private final ArrayNode counts = found.putArray("tasks");
    private final ArrayNode outside = found.putArray("nativeBytes");
    private final ArrayNode heap = found.putArray("heapBytes");
    private int done;

    private WorkerChild(int tasks, int every) {
        this.tasks = tasks;
        this.every = every;
    }

    public static void main(String[] arguments) {
        var child = new WorkerChild(Integer.parseInt(arguments[0]), Integer.parseInt(arguments[1]));
        WorkerProcess.run(WorkerKind.SCORING, (worker, config) -> child.serve(worker));
    }

    private void serve(Worker worker) {
        for (Class<? extends Work> kind : List.of(Work.Score.class, Work.Rank.class, Work.Slice.class,
                Work.Recover.class, Work.Perplexity.class)) {
            serve(worker, kind);
        }
    }

    private <W extends Work> void serve(Worker worker, Class<W> kind) {
        TaskHandler<W> handler = (work, context) -> {
            look();
            done++;
            return Handled.handle(work, context);
        };
        worker.handle(kind, handler);
    }

    /** Before a task: the one before it has been reported and its memory given back. */
    private void look() {
        if (done % every == 0) {
            System.gc();
            Torch.trim();
            long used = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            counts.add(done);
            outside.add(ProcessMemory.anonymous() - ManagementFactory.getMemoryMXBean().getHeapMemoryUsage()
                    .getCommitted());
            heap.add(used);
        }
        if (done == tasks) {
            System.out.println(found);
            System.out.flush();
            Runtime.getRuntime().halt(0); // a clean stop would wait for this very task
        }
    }
}
