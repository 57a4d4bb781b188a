package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.coordinator.FakeWorkers;
import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.TaskReport;
import java.lang.reflect.Method;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every transition of {@link JobState}, and a list by name of those that no test took. */
class JobStateTest {
    private final Set<String> taken = new TreeSet<>();

    /** Drives a job and writes down its transitions. */
    private final class Driver {
        private final JobId id = new JobId("job-1");
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");
        private Job job;
        private TaskId task;
        private int refused;

        Driver() {
            give(new Input.Submitted(id, Requests.parse(Requests.SHORT), "digest", now));
        }

        Driver give(Input input) {
            for (JobEvent event : new Decider(AttemptPolicy.forLease(Duration.ofSeconds(15))).decide(job, input)) {
                Job next = Job.replay(job, event);
                if (job != null && job.state().getClass() != next.state().getClass()) {
                    taken.add(name(job.state().getClass(), next.state().getClass()));
                }
                if (event instanceof JobEvent.TaskOpened opened) {
                    task = opened.task();
                }
                refused += event instanceof JobEvent.CommandRefused ? 1 : 0;
                job = next;
            }
            return this;
        }

        Driver command(Command command) {
            now = now.plusSeconds(1);
            return give(new Input.Commanded(command, now));
        }

        Driver cancel() {
            return command(new Command.Cancel(id));
        }

        Driver pause() {
            return command(new Command.Pause(id));
        }

        Driver resume() {
            return command(new Command.Resume(id));
        }

        Driver retry() {
            return command(new Command.Retry(id));
        }

        Driver delete() {
            return command(new Command.Delete(id));
        }

        Driver fail() {
            return give(new Input.Reported(new TaskReport.Failed(task, job.task(task).orElseThrow().state().attempt(),
                    new WorkerId(
                            "w"),
                    now, FailureKind.PERMANENT, "broken", null, null), now));
        }

        Driver finish() {
            while (job.state() instanceof JobState.Running) {
                for (TaskRun next : job.current().orElseThrow().tasks()) {
                    var found = FakeWorkers.find(next.work());
                    give(new Input.Reported(new TaskReport.Succeeded(next.id(), next.state().attempt(), new WorkerId(
                            "w"), now, found.outputs(), found.facts(), null, false), now));
                }
            }
            return this;
        }
    }

    @Test
    void everyTransitionIsTaken() {
        new Driver().finish().delete();
        new Driver().pause().resume().fail().retry().cancel().retry().finish();
        new Driver().fail().delete();
        new Driver().cancel().delete();
        new Driver().pause().cancel();
        new Driver().pause().fail();
        Set<String> missing = new TreeSet<>(possible());
        missing.removeAll(taken);
        assertThat(missing).as("transitions that no test took").isEmpty();
        assertThat(taken).isSubsetOf(possible());
    }

    @Test
    void aCommandThatDoesNotFitIsRefusedAndChangesNothing() {
        Driver succeeded = new Driver().finish();
        Job before = succeeded.job;
        succeeded.cancel().pause().resume().retry();
        assertThat(succeeded.job).isSameAs(before);
        assertThat(succeeded.refused).isEqualTo(4);
        assertThat(new Driver().delete().job.state()).isInstanceOf(JobState.Running.class);
    }

    @Test
    void anEventThatDoesNotFitThrowsWithStateEventAndHistory() {
        Driver cancelled = new Driver().cancel();
        assertThatThrownBy(() -> Job.replay(cancelled.job, new JobEvent.JobPaused(cancelled.now)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("Cancelled").hasMessageContaining(
                        "JobPaused")
                .hasMessageContaining("accepted");
    }

    /** The methods of the states are the transitions. */
    private static Set<String> possible() {
        return Arrays.stream(JobState.class.getPermittedSubclasses()).flatMap(state -> Arrays.stream(state
                .getDeclaredMethods()).map(Method::getReturnType).filter(JobState.class::isAssignableFrom).map(
                        next -> name(state, next)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String name(Class<?> from, Class<?> to) {
        return from.getSimpleName() + " -> " + to.getSimpleName();
    }
}
