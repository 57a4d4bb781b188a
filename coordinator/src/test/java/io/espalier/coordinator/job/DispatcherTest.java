package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.WorkerKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Dispatcher dispatcher = new Dispatcher();

    @Test
    void publishesAsManyAsTheWindowHasRoomFor() {
        assertThat(choose(3, job("a", "", 3, 0, 5, 0))).containsExactly("a/0", "a/1", "a/2");
        assertThat(choose(3, job("a", "", 3, 0, 5, 2))).containsExactly("a/0");
        assertThat(choose(3, job("a", "", 3, 0, 5, 4))).isEmpty();
        assertThat(choose(9, job("a", "", 3, 0, 2, 0))).hasSize(2);
    }

    @Test
    void withinATeamTheUrgentGoFirstAndThenTheOldest() {
        assertThat(choose(5, job("late", "t", 3, 9, 2, 0), job("low", "t", 1, 0, 2, 0), job("early", "t", 3, 1, 1, 0),
                job("urgent", "t", 5, 20, 1, 0))).containsExactly("urgent/0", "early/0", "late/0", "late/1", "low/0");
    }

    @Test
    void teamsShareEvenlyWhateverTheirPrioritiesAndHoweverManyJobsTheyHave() {
        List<String> turns = choose(6, job("a1", "a", 5, 0, 50, 0), job("a2", "a", 5, 0, 50, 0), job("b", "b", 1, 9, 50,
                0), job("c", "", 3, 9, 1, 0));
        assertThat(turns).filteredOn(task -> task.startsWith("b")).hasSize(2);
        assertThat(turns).filteredOn(task -> task.startsWith("c")).hasSize(1);
        assertThat(turns).filteredOn(task -> task.startsWith("a")).hasSize(3);
    }

    @Test
    void whatATeamHoldsAlreadyCounts() {
        assertThat(choose(4, job("a", "a", 3, 0, 5, 2), job("b", "b", 3, 0, 5, 0))).containsExactly("b/0", "b/1");
    }

    @Test
    void oneFreePlaceAfterAnotherGoesRound() {
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < 6; i++) { // each task is done before the next is published
            turns.addAll(choose(1, job("a", "a", 3, 0, 9, 0), job("b", "b", 3, 0, 9, 0), job("c", "c", 3, 0, 9, 0)));
        }
        assertThat(turns).containsExactly("a/0", "b/0", "c/0", "a/0", "b/0", "c/0");
    }

    @Test
    void aTeamThatRestedDoesNotCatchUp() {
        for (int i = 0; i < 100; i++) {
            choose(1, job("a", "a", 3, 0, 9, 0));
        }
        List<String> turns = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            turns.addAll(choose(1, job("a", "a", 3, 0, 9, 0), job("b", "b", 3, 0, 9, 0)));
        }
        assertThat(turns).containsExactly("a/0", "b/0", "a/0", "b/0");
    }

    @Test
    void aTaskInItsBackOffWaitsAndBlocksNobody() {
        var later = new Demand.Waiting(new TaskId(new JobId("a"), 0, 0, 0), WorkerKind.EVAL, NOW.plusMillis(1));
        var waits = new Demand(new JobId("a"), "", 5, NOW, List.of(later), Map.of());
        assertThat(choose(2, waits, job("b", "", 1, 0, 2, 0))).containsExactly("b/0", "b/1");
    }

    private List<String> choose(int window, Demand... demands) {
        return dispatcher.choose(List.of(demands), Map.of(WorkerKind.EVAL, window), NOW).values().stream()
                .flatMap(List::stream).map(task -> task.job() + "/" + task.index()).toList();
    }

    private static Demand job(String id, String team, int priority, int submitted, int waiting, int held) {
        var job = new JobId(id);
        return new Demand(job, team, priority, NOW.plusSeconds(submitted), IntStream.range(0, waiting).mapToObj(
                i -> new Demand.Waiting(new TaskId(job, 0, 0, i), WorkerKind.EVAL, NOW)).toList(), Map.of(
                        WorkerKind.EVAL, held));
    }
}
