package io.espalier.coordinator.estimate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.coordinator.Requests;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.JobEstimate;
import io.espalier.protocol.message.JobEstimate.Range;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.StageState;
import io.espalier.protocol.message.JobSnapshot.State;
import io.espalier.protocol.message.ModelFacts;
import io.espalier.protocol.message.StageName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against a world whose truth is known. */
class EstimatesTest {
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final List<StageName> STAGES = List.of(StageName.PREPARE, StageName.SCORE, StageName.RANK,
            StageName.SLICE, StageName.REPORT);

    private final Estimates estimates = new Estimates();

    @Test
    void nothingIsClaimedBeforeAnythingWasMeasured() {
        estimates.observe(job("first", 1e9, 0, 0, 10));
        JobEstimate estimate = estimates.of(new JobId("first"), NOW).orElseThrow();
        assertThat(estimate.remaining()).isNull();
        assertThat(estimate.stages()).hasSize(5).allMatch(stage -> stage.remaining() == null);
    }

    @Test
    void anEqualJobIsExpectedToTakeAsLong() {
        for (int i = 0; i < 5; i++) {
            estimates.observe(ended("past-" + i, 1e9, 10));
        }
        estimates.observe(job("next", 1e9, 0, 0, 10));
        Range range = remaining("next");
        assertThat(range.low()).isLessThan(50.0);
        assertThat(range.high()).isGreaterThan(50.0).isLessThan(75.0);
    }

    @Test
    void aLargerModelTakesLongerAndTheRangeIsWider() {
        for (int i = 0; i < 5; i++) {
            estimates.observe(ended("past-" + i, 1e9, 10));
        }
        estimates.observe(job("same", 1e9, 0, 0, 10));
        Range same = remaining("same");
        estimates.observe(cancelled("same"));
        estimates.observe(job("larger", 4e9, 0, 0, 10));
        Range larger = remaining("larger");
        assertThat(Math.sqrt(larger.low() * larger.high()) / Math.sqrt(same.low() * same.high())).isBetween(3.0, 4.5);
        assertThat(larger.high() / larger.low()).isGreaterThan(same.high() / same.low());
    }

    @Test
    void whatIsFarFromEverythingMeasuredIsNotGuessed() {
        estimates.observe(ended("tiny", 1e5, 1));
        estimates.observe(job("huge", 7e10, 0, 0, 1));
        assertThat(estimates.of(new JobId("huge"), NOW).orElseThrow().remaining()).isNull();
    }

    @Test
    void progressTakesOverFromHistory() {
        for (int i = 0; i < 5; i++) {
            estimates.observe(ended("past-" + i, 1e9, 10));
        }
        // SCORE usually takes 10 s; this time 60 s have brought it to 60 %.
        estimates.observe(job("slow", 1e9, 1, 0.6, 10, 60));
        JobEstimate.Stage score = estimates.of(new JobId("slow"), NOW).orElseThrow().stages().getFirst();
        assertThat(score.basis()).isEqualTo("its own progress");
        assertThat(score.remaining().low()).isLessThan(40.0);
        assertThat(score.remaining().high()).isGreaterThan(40.0);
    }

    @Test
    void whoWaitsIsToldToWaitForTheOthers() {
        for (int i = 0; i < 5; i++) {
            estimates.observe(ended("past-" + i, 1e9, 10));
        }
        for (int i = 0; i < 4; i++) {
            estimates.observe(job("queued-" + i, 1e9, 0, 0, 10 - i));
        }
        // One scoring worker goes through PREPARE of all four, then SCORE, then RANK, which ends after 90 s for the first;
        // one GPU worker has twice 10 s for each of them.
        assertThat(middle(remaining("queued-0"))).isBetween(105.0, 140.0);
        assertThat(middle(remaining("queued-3"))).isCloseTo(90 + 4 * 20, within(10.0));
    }

    @Test
    void fourOfFiveJobsEndInsideTheRange() {
        Random random = new Random(7);
        int inside = 0;
        int jobs = 300;
        for (int i = 0; i < jobs; i++) {
            double[] truth = random.doubles(5, 0, 1).map(u -> 10 * Math.exp(0.3 * (u - 0.5) * 2)).toArray();
            if (i >= 10) {
                estimates.observe(job("job-" + i, 1e9, 0, 0, 10));
                Range range = remaining("job-" + i);
                double end = java.util.Arrays.stream(truth).sum();
                inside += range.low() <= end && end <= range.high() ? 1 : 0;
                estimates.forget(new JobId("job-" + i));
            }
            estimates.observe(ended("job-" + i, 1e9, truth));
        }
        // No narrower than it says; somewhat wider is no lie.
        assertThat(inside / (double) (jobs - 10)).isBetween(0.78, 0.99);
    }

    private static double middle(Range range) {
        return (range.low() + range.high()) / 2;
    }

    private Range remaining(String job) {
        return estimates.of(new JobId(job), NOW).orElseThrow().remaining();
    }

    private static JobSnapshot ended(String id, double parameters, double... seconds) {
        List<JobSnapshot.Stage> stages = new ArrayList<>();
        for (int i = 0; i < STAGES.size(); i++) {
            stages.add(stage(STAGES.get(i), StageState.DONE, 1, seconds[i % seconds.length], List.of()));
        }
        return snapshot(id, State.SUCCEEDED, parameters, 0, stages);
    }

    private static JobSnapshot cancelled(String id) {
        return snapshot(id, State.CANCELLED, 1e9, 0, List.of());
    }

    private static JobSnapshot job(String id, double parameters, int open, double progress, int minutesAgo) {
        return job(id, parameters, open, progress, minutesAgo, 0);
    }

    /** @param open the stage that is under way, {@code spent} seconds and {@code progress} far */
    private static JobSnapshot job(String id, double parameters, int open, double progress, int minutesAgo,
            double spent) {
        List<JobSnapshot.Stage> stages = new ArrayList<>();
        for (int i = 0; i < STAGES.size(); i++) {
            if (i == open && spent > 0) {
                stages.add(stage(STAGES.get(i), StageState.RUNNING, progress, 0, List.of(new JobSnapshot.Attempt(
                        TaskId.parse(id + "/" + i + "/0/0"), 1, new WorkerId("scoring-1-a"), NOW.minusMillis(
                                (long) (spent * 1000)),
                        progress, 0, null))));
            } else {
                stages.add(stage(STAGES.get(i), i < open ? StageState.DONE : StageState.WAITING, 0, i < open ? 10 : 0,
                        List.of()));
            }
        }
        return snapshot(id, State.RUNNING, parameters, minutesAgo, stages);
    }

    private static JobSnapshot snapshot(String id, State state, double parameters, int minutesAgo,
            List<JobSnapshot.Stage> stages) {
        var facts = new ModelFacts("d", "t", "llama", 5, (long) parameters, (long) parameters * 4, "F32", 10, 1, 1,
                null, 1,
                1, null, List.of());
        Instant at = NOW.minusSeconds(60L * minutesAgo);
        return new JobSnapshot(new JobId(id), null, state, 1, 0, at, NOW, state.ended() ? NOW : null, Requests.parse(
                Requests.SHORT), "digest", stages, null, facts, null, null, Map.of(), null, null, null, null, null,
                List.of(),
                List.of(), null, null);
    }

    private static JobSnapshot.Stage stage(StageName name, StageState state, double progress, double busy,
            List<JobSnapshot.Attempt> running) {
        return new JobSnapshot.Stage(name, 1, state, 0, 1, state == StageState.DONE ? 1 : 0, 1, progress, 0, busy, busy,
                false, 0, 0, NOW, null, running, null);
    }
}
