package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.request.Evaluation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DispatcherTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final Dispatcher dispatcher = new Dispatcher(true);

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
        var later = new Demand.Waiting(new TaskId(new JobId("a"), 0, 0, 0), WorkerKind.EVAL, NOW.plusMillis(1), null);
        var waits = new Demand(new JobId("a"), "", 5, NOW, List.of(later), Map.of(), List.of());
        assertThat(choose(2, waits, job("b", "", 1, 0, 2, 0))).containsExactly("b/0", "b/1");
    }

    @Test
    void ofEqualWorkOneBeginsAndTheOthersTakeNoPlace() {
        Demand first = wanting("a", perplexity("d", "p"), perplexity("d", "q"));
        Demand second = wanting("b", perplexity("d", "p"), perplexity("d", "r"));
        assertThat(choose(9, first, second)).containsExactlyInAnyOrder("a/0", "a/1", "b/1");
    }

    @Test
    void whatIsUnderWayElsewhereIsWaitedForUntilItHasEnded() {
        Demand waits = wanting("b", perplexity("d", "p"));
        assertThat(choose(9, doing("a", perplexity("d", "p")), waits)).isEmpty();
        assertThat(choose(9, doing("c", perplexity("d", "other")), waits)).containsExactly("b/0");
        assertThat(choose(9, doing("e", perplexity("other", "p")), waits)).containsExactly("b/0");
        assertThat(choose(9, waits)).containsExactly("b/0");
    }

    @Test
    void withoutAStageCacheNothingWaitsForEqualWork() {
        Demand first = wanting("a", perplexity("d", "p"));
        Demand second = wanting("b", perplexity("d", "p"));
        assertThat(new Dispatcher(false).choose(List.of(first, second), Map.of(WorkerKind.EVAL, 9), NOW)).hasSize(2);
    }

    @Test
    void aTeamWhoseTasksAllWaitForOthersGivesWay() {
        Demand theirs = doing("a", perplexity("d", "p"));
        assertThat(choose(3, theirs, wanting("b", perplexity("d", "p")), job("c", "c", 3, 0, 5, 0))).containsExactly(
                "c/0", "c/1");
    }

    @Test
    void workOnAModelThatNobodyHasReadIsNeverTheSame() {
        assertThat(choose(9, wanting("a", perplexity(null, "p")), wanting("b", perplexity(null, "p")))).hasSize(2);
    }

    private static Work perplexity(String digest, String protocol) {
        return new Work.Perplexity(new ModelSource.Folder("/model", digest), new Evaluation.Perplexity(protocol,
                "/text", 128, null));
    }

    private static Demand wanting(String id, Work... works) {
        var job = new JobId(id);
        return new Demand(job, id, 3, NOW, IntStream.range(0, works.length).mapToObj(i -> new Demand.Waiting(new TaskId(
                job, 0, 0, i), WorkerKind.EVAL, NOW, works[i])).toList(), Map.of(), List.of());
    }

    private static Demand doing(String id, Work work) {
        var job = new JobId(id);
        return new Demand(job, id, 3, NOW, List.of(), Map.of(WorkerKind.EVAL, 1), List.of(new Demand.Sharable(
                new TaskId(job, 0, 0, 0), work)));
    }

    private List<String> choose(int window, Demand... demands) {
        return dispatcher.choose(List.of(demands), Map.of(WorkerKind.EVAL, window), NOW).values().stream()
                .flatMap(List::stream).map(task -> task.job() + "/" + task.index()).toList();
    }

    private static Demand job(String id, String team, int priority, int submitted, int waiting, int held) {
        var job = new JobId(id);
        return new Demand(job, team, priority, NOW.plusSeconds(submitted), IntStream.range(0, waiting).mapToObj(
                i -> new Demand.Waiting(new TaskId(job, 0, 0, i), WorkerKind.EVAL, NOW, null)).toList(), Map.of(
                        WorkerKind.EVAL, held),
                List.of());
    }
}
