package io.espalier.coordinator.job;

import static io.espalier.coordinator.job.JobSteps.NOW;
import static io.espalier.coordinator.job.JobSteps.at;
import static io.espalier.coordinator.job.JobSteps.succeed;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.coordinator.FakeWorkers;
import io.espalier.coordinator.Requests;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Work;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Which tasks of a round begin first, and what that is good for. */
class EffortTest {
    private static final int[] WORKERS = {2, 3, 4};
    private static final int LENGTH = 100;

    /** How many segments perplexities have. */
    private enum Segments {
        ALIKE {
            @Override
            int draw(Random random) {
                return 50;
            }
        },
        EVEN {
            @Override
            int draw(Random random) {
                return 1 + random.nextInt(100);
            }
        },
        ONE_IN_FOUR_LONG {
            @Override
            int draw(Random random) {
                return random.nextInt(4) == 0 ? 100 : 1 + random.nextInt(5);
            }
        },
        HEAVY_TAILED {
            @Override
            int draw(Random random) {
                return (int) Math.min(5000, 1 / Math.pow(1 - random.nextDouble(), 1.5));
            }
        };

        abstract int draw(Random random);
    }

    @Test
    void measurementsOfAnEvaluationBeginWithTheLongestAndModelsAreTimedLast() {
        Job job = at(StageName.EVALUATE, request("""
                evaluation:
                  perplexity:
                    - { name: short, text: /data/a, length: 100, segments: 10 }
                    - { name: whole, text: /data/b, length: 100 }
                  tasks:
                    - { name: boolq, data: /data/c }
                    - { name: piqa, data: /data/d, limit: 100 }
                """));
        assertThat(waiting(job)).extracting(EffortTest::told).containsExactly("whole of original", "boolq of original",
                "whole of pruned", "boolq of pruned", "fidelity whole", "piqa of original", "piqa of pruned",
                "fidelity short", "short of original", "short of pruned", "cost");
    }

    @Test
    void aPartIsItsShareOfTheWork() {
        Job job = at(StageName.EVALUATE, request("""
                evaluation: { cost: false, fidelity: false, perplexity: [
                  { name: short, text: /data/a, length: 100, segments: 35 },
                  { name: long, text: /data/b, length: 100, segments: 90, parts: 3 } ] }
                """));
        assertThat(waiting(job)).extracting(EffortTest::told).containsExactly("short of original", "long of original",
                "long of original", "long of original", "short of pruned", "long of pruned", "long of pruned",
                "long of pruned");
    }

    @Test
    void shardsWithMoreLayersBeginFirst() {
        Job job = at(StageName.SCORE, Requests.FULL);
        assertThat(waiting(job)).extracting(work -> ((Work.Score) work).shard().toLayer()).containsExactly(5, 5, 2, 2);
    }

    @Test
    void rangesThatHandOnBeginWithTheFirst() {
        Job job = at(StageName.SCORE, Requests.RANGES);
        assertThat(waiting(job)).extracting(work -> ((Work.Score) work).shard().fromLayer()).containsExactly(0, 1, 2);
    }

    /** Graham's bound for lists that begin with the longest: at most 4/3 - 1/(3 m) of the best that there is. */
    @Test
    void workersEndNearlyTogetherWhateverTheLengths() {
        var random = new Random(5);
        for (Segments segments : Segments.values()) {
            for (int i = 0; i < 10; i++) {
                Job job = at(StageName.EVALUATE, request(perplexities(3, () -> segments.draw(random))));
                double[] seconds = seconds(job);
                assertThat(seconds).hasSize(9).isSortedAccordingTo(Collections.reverseOrder());
                for (int workers : WORKERS) {
                    double took = makespan(seconds, workers);
                    assertThat(took).as("%s, %d workers", segments, workers).isLessThanOrEqualTo((4.0 / 3 - 1.0 / (3
                            * workers)) * best(seconds, workers) + 1e-6);
                }
            }
        }
    }

    /** Nobody has been idle before the task that ends last began. */
    @Test
    void whatIsIdleAtTheEndIsNoMoreThanTheTaskThatEndsLast() {
        var random = new Random(6);
        for (Segments segments : Segments.values()) {
            Job job = at(StageName.EVALUATE, request(perplexities(20, () -> segments.draw(random))));
            double[] seconds = seconds(job);
            double[] ends = new double[2];
            double last = 0;
            for (double each : seconds) {
                int free = ends[0] <= ends[1] ? 0 : 1;
                ends[free] += each;
                last = ends[free] >= ends[1 - free] ? each : last;
            }
            assertThat(Math.abs(ends[0] - ends[1])).isLessThanOrEqualTo(last);
            assertThat(last).as("of %s", segments).isLessThanOrEqualTo(Arrays.stream(seconds).average().orElseThrow());
        }
    }

    @Test
    void aStageHasComeAsFarAsTheWorkThatIsDone() {
        Job job = at(StageName.EVALUATE, request("""
                evaluation: { cost: false, fidelity: false, perplexity: [
                  { name: short, text: /data/a, length: 100, segments: 10 },
                  { name: long, text: /data/b, length: 100, segments: 90 } ] }
                """));
        assertThat(job.current().orElseThrow().progress()).isZero();
        TaskRun longest = task(job, work -> told(work).equals("long of original"));
        Job later = succeed(job, longest);
        double original = 0.9 * FakeWorkers.PARAMETERS / (FakeWorkers.PARAMETERS + FakeWorkers.PRUNED_PARAMETERS);
        assertThat(later.current().orElseThrow().progress()).isEqualTo(original, Offset.offset(1e-12));
    }

    /** What an older version opened has no effort. */
    @Test
    void tasksOfUnknownEffortCountAlikeAndKeepTheirOrder() {
        Job job = at(StageName.EVALUATE,
                request("evaluation: { cost: false, tasks: [ { name: boolq, data: /data } ] }\n"));
        Job old = Job.replay(job, new JobEvent.TaskOpened(task(job, _ -> true).id(), task(job, _ -> true).work(), 0,
                NOW));
        assertThat(waiting(old)).extracting(EffortTest::told).containsExactly("boolq of pruned", "boolq of original");
        assertThat(succeed(old, task(old, work -> told(work).equals("boolq of pruned"))).current().orElseThrow()
                .progress()).isEqualTo(0.5);
    }

    private static String request(String evaluation) {
        return """
                model: /models/stories
                method: { name: magnitude }
                target: { parameters: 0.8 }
                output: { location: /out }
                """ + evaluation;
    }

    /** Without what comes last, however long. */
    private static String perplexities(int count, IntSupplier segments) {
        return "evaluation:\n  cost: false\n  perplexity:\n" + IntStream.range(0, count)
                .mapToObj(i -> String.format(Locale.ROOT,
                        "    - { name: p%d, text: /data/%d, length: %d, segments: %d }%n", i, i, LENGTH,
                        segments.getAsInt()))
                .collect(Collectors.joining());
    }

    /** The first task that is not done. */
    private static TaskRun task(Job job, Predicate<Work> wanted) {
        return job.current().orElseThrow().tasks().stream().filter(task -> !task.done() && wanted.test(task.work()))
                .findFirst().orElseThrow();
    }

    private static List<Work> waiting(Job job) {
        return Demand.of(job).waiting().stream().map(Demand.Waiting::work).toList();
    }

    private static String told(Work work) {
        return switch (work) {
            case Work.Perplexity p -> p.protocol().name() + " of " + subject(p.model());
            case Work.ZeroShot z -> z.task().name() + " of " + subject(z.model());
            case Work.Fidelity f -> "fidelity " + f.protocol().name();
            default -> work.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    private static String subject(ModelSource model) {
        return model instanceof ModelSource.Folder ? "original" : "pruned";
    }

    /** What each waiting task takes, in its turn, were a worker to pass a million parameters by tokens a second. */
    private static double[] seconds(Job job) {
        ToDoubleFunction<Work> seconds = work -> switch (work) {
            case Work.Perplexity p -> p.protocol().segments() * LENGTH * parameters(p.model());
            case Work.Fidelity f -> Math.min(1 << 16, f.protocol().segments() * LENGTH) * f.models().values().stream()
                    .mapToDouble(EffortTest::parameters).sum();
            default -> throw new IllegalStateException("not expected: " + work);
        };
        return waiting(job).stream().mapToDouble(seconds).map(each -> each / 1e6).toArray();
    }

    private static double parameters(ModelSource model) {
        return model instanceof ModelSource.Folder ? FakeWorkers.PARAMETERS : FakeWorkers.PRUNED_PARAMETERS;
    }

    /** Whoever is free takes the next. */
    private static double makespan(double[] seconds, int workers) {
        double[] ends = new double[workers];
        for (double each : seconds) {
            Arrays.sort(ends);
            ends[0] += each;
        }
        return Arrays.stream(ends).max().orElseThrow();
    }

    /** Of all ways to spread the tasks. */
    private static double best(double[] seconds, int workers) {
        return best(seconds, 0, new double[workers], Double.POSITIVE_INFINITY);
    }

    private static double best(double[] seconds, int next, double[] ends, double known) {
        double longest = Arrays.stream(ends).max().orElseThrow();
        if (longest >= known || next == seconds.length) {
            return Math.min(longest, known);
        }
        double found = known;
        List<Double> tried = new ArrayList<>();
        for (int worker = 0; worker < ends.length; worker++) {
            if (!tried.contains(ends[worker])) {
                tried.add(ends[worker]);
                double[] after = ends.clone();
                after[worker] += seconds[next];
                found = best(seconds, next + 1, after, found);
            }
        }
        return found;
    }
}
