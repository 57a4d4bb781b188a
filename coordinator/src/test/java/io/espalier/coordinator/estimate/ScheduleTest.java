package io.espalier.coordinator.estimate;

import static io.espalier.protocol.message.WorkerKind.EVAL;
import static io.espalier.protocol.message.WorkerKind.GPU;
import static io.espalier.protocol.message.WorkerKind.SCORING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.coordinator.estimate.Schedule.Step;
import io.espalier.protocol.message.WorkerKind;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Map<WorkerKind, Integer> ONE_EACH = Map.of(SCORING, 1, GPU, 1, EVAL, 1);

    @Test
    void aJobAloneTakesTheSumOfItsSteps() {
        assertThat(Schedule.run(List.of(List.of(new Step(SCORING, 10, 1), new Step(GPU, 5, 1))), ONE_EACH))
                .containsExactly(15);
    }

    @Test
    void workersShareAStageButNotMoreThanItHasTasks() {
        var three = Map.of(SCORING, 3, GPU, 3, EVAL, 3);
        assertThat(Schedule.run(List.of(List.of(new Step(SCORING, 12, 2), new Step(EVAL, 12, 9))), three))
                .containsExactly(6 + 4);
    }

    @Test
    void whoComesLaterWaitsForWhoIsInFront() {
        List<Step> job = List.of(new Step(SCORING, 10, 1), new Step(GPU, 4, 1));
        // The second scores while the first is on the GPU.
        assertThat(Schedule.run(List.of(job, job, job), ONE_EACH)).containsExactly(14, 24, 34);
    }

    @Test
    void theSlowestKindOfWorkerDecides() {
        List<Step> job = List.of(new Step(SCORING, 1, 1), new Step(GPU, 10, 1));
        double[] ends = Schedule.run(List.of(job, job, job), ONE_EACH);
        assertThat(ends[2]).isCloseTo(1 + 30, within(1e-6));
    }

    @Test
    void thousandsOfJobsAllEndAndWorkIsConserved() {
        List<List<Step>> jobs = IntStream.range(0, 5000).mapToObj(i -> List.of(new Step(SCORING, 1 + i % 3, 1 + i % 5),
                new Step(EVAL, 2, 4))).toList();
        double[] ends = Schedule.run(jobs, Map.of(SCORING, 4, GPU, 1, EVAL, 4));
        double scoring = IntStream.range(0, 5000).mapToDouble(i -> 1 + i % 3).sum() / 4;
        assertThat(java.util.Arrays.stream(ends).min().orElseThrow()).isPositive();
        assertThat(ends[4999]).isBetween(scoring, scoring * 1.05 + 10);
    }
}
