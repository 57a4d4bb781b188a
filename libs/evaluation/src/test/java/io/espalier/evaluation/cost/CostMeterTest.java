package io.espalier.evaluation.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import ai.djl.Device;
import io.espalier.evaluation.Progress;
import io.espalier.evaluation.Stories;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CostMeterTest {
    private static final CostMeter.Plan SHORT = new CostMeter.Plan(16, 4, 1, 3, Duration.ofSeconds(20),
            Duration.ZERO);

    /** All together in memory; each alone; each streamed. */
    @ParameterizedTest
    @ValueSource(longs = {10_000_000, 1_100_000, 0})
    void measuresEveryModel(long residentBytes) throws Exception {
        Map<String, Path> models = new LinkedHashMap<>();
        models.put("one", Stories.FOLDER);
        models.put("other", Stories.FOLDER);
        List<Double> ratios = new ArrayList<>();

        Map<String, Cost> costs = new CostMeter(Device.cpu(), residentBytes, new FixedGauge(), SHORT).measure(models, (
                ratio, tokens) -> ratios.add(ratio));

        assertThat(costs).containsOnlyKeys("one", "other");
        assertThat(costs.values()).allSatisfy(cost -> {
            assertThat(cost.latency().prefill().median()).isPositive();
            assertThat(cost.latency().decode().median()).isPositive();
        });
        assertThat(costs.get("one").peakMemoryBytes()).isEqualTo(FixedGauge.STEP);
        assertThat(costs.get("other").peakMemoryBytes()).isEqualTo(4 * FixedGauge.STEP);
        assertThat(ratios).hasSize(2 * 5).isSorted().last().isEqualTo(1.0);
    }

    @Test
    void decodesNoLongerThanItsPatience() throws Exception {
        CostMeter.Plan impatient = new CostMeter.Plan(16, 400, 0, 1, Duration.ZERO, Duration.ZERO);
        List<Long> tokens = new ArrayList<>();
        new CostMeter(Device.cpu(), 0, new FixedGauge(), impatient).measure(Map.of("one", Stories.FOLDER), (ratio,
                count) -> tokens.add(count));
        assertThat(tokens).last().isEqualTo(17L);
    }

    /**
     * One warm-up instead of three, three rounds instead of six, of each of two models, none added; one run of each for its
     * memory.
     */
    @Test
    void timesSlowModelsInFewerRounds() throws Exception {
        CostMeter.Plan impatient = new CostMeter.Plan(16, 4, 3, 6, Duration.ZERO,
                Duration.ofMinutes(1));
        List<Double> ratios = new ArrayList<>();
        new CostMeter(Device.cpu(), 10_000_000, new FixedGauge(), impatient).measure(Map.of("one", Stories.FOLDER,
                "other", Stories.FOLDER), (ratio, tokens) -> ratios.add(ratio));
        assertThat(ratios).hasSize(2 * (1 + 1 + 3) + 1).isSorted().last().isEqualTo(1.0);
    }

    /** Streamed models are timed one after the other, after one warm-up; each has rounds enough for quartiles. */
    @Test
    void timesEverySlowModelTwiceAtLeast() throws Exception {
        CostMeter.Plan impatient = new CostMeter.Plan(16, 4, 0, 3, Duration.ZERO,
                Duration.ofMinutes(1));
        List<Double> ratios = new ArrayList<>();
        new CostMeter(Device.cpu(), 0, new FixedGauge(), impatient).time(Map.of("one", Stories.FOLDER, "other",
                Stories.FOLDER), (ratio, tokens) -> ratios.add(ratio));
        assertThat(ratios).hasSize(2 * (1 + 2 + 1)).isSorted().last().isEqualTo(1.0);
    }

    @Test
    void timesWithoutMeasuringMemory() throws Exception {
        List<Double> ratios = new ArrayList<>();
        Map<String, Latency> latencies = new CostMeter(Device.cpu(), 10_000_000, new FixedGauge(), SHORT.withRounds(2))
                .time(Map.of("one", Stories.FOLDER, "other", Stories.FOLDER), (ratio, tokens) -> ratios.add(ratio));
        assertThat(latencies).containsOnlyKeys("one", "other");
        assertThat(latencies.values()).allSatisfy(latency -> {
            assertThat(latency.prefill().firstQuartile()).isPositive().isLessThanOrEqualTo(latency.prefill().median());
            assertThat(latency.decode().median()).isLessThanOrEqualTo(latency.decode().thirdQuartile());
        });
        assertThat(ratios).hasSize(2 * 3).isSorted().last().isEqualTo(1.0);
    }

    /** Runs of a model of milliseconds scatter by more than a percent; a whole second holds many of them. */
    @Test
    void timesFastModelsInMoreRounds() throws Exception {
        Map<String, Path> models = Map.of("one", Stories.FOLDER, "other", Stories.FOLDER);
        List<Double> ratios = new ArrayList<>();
        Map<String, Latency> latencies = new CostMeter(Device.cpu(), 10_000_000, new FixedGauge(), SHORT.refinedFor(
                Duration.ofSeconds(1))).time(models, (ratio, tokens) -> ratios.add(ratio));
        assertThat(latencies.get("one").rounds()).isGreaterThan(SHORT.rounds())
                .isEqualTo(latencies.get("other").rounds());
        assertThat(ratios).isSorted().last().isEqualTo(1.0);
    }

    /** Refined for no longer than it takes: rounds that came before have had all of the time. */
    @Test
    void addsNoRoundsOnceTheTimeIsOver() throws Exception {
        CostMeter.Plan brief = SHORT.refinedFor(Duration.ofNanos(1));
        Map<String, Latency> latencies = new CostMeter(Device.cpu(), 10_000_000, new FixedGauge(), brief)
                .time(Map.of("one", Stories.FOLDER), Progress.NONE);
        assertThat(latencies.get("one").rounds()).isEqualTo(SHORT.rounds());
    }

    @Test
    void tellsTheMiddleAndTheSpread() {
        assertThat(Timing.of(DoubleStream.of(9, 1, 2))).extracting(Timing::median, Timing::firstQuartile,
                Timing::thirdQuartile).containsExactly(2.0, 1.5, 5.5);
        assertThat(Timing.of(DoubleStream.of(9, 1, 2, 4, 3))).extracting(Timing::median, Timing::firstQuartile,
                Timing::thirdQuartile).containsExactly(3.0, 2.0, 4.0);
        assertThat(Timing.of(DoubleStream.of(7))).isEqualTo(new Timing(7, 7, 7, 0));
    }

    /** Against the scatter of the medians themselves, of 4,000 sets of 101 values drawn with a fixed seed. */
    @Test
    void tellsHowFarAMedianIsKnown() {
        Random random = new Random(11);
        double[] medians = new double[4_000];
        double errors = 0;
        for (int i = 0; i < medians.length; i++) {
            Timing timing = Timing.of(DoubleStream.generate(() -> 100 + 5 * random.nextGaussian()).limit(101));
            medians[i] = timing.median();
            errors += timing.standardError() / medians.length;
        }
        double mean = DoubleStream.of(medians).average().orElseThrow();
        double scatter = Math.sqrt(DoubleStream.of(medians).map(m -> (m - mean) * (m - mean)).average().orElseThrow());
        assertThat(errors).isCloseTo(scatter, withinPercentage(5));
    }

    @Test
    void residentWeightsAreTheLeastThatAModelTakes() throws Exception {
        MemoryGauge blind = new MemoryGauge() {
            @Override
            public void start() {}

            @Override
            public long peakBytes() {
                return 0;
            }
        };
        Cost cost = new CostMeter(Device.cpu(), 10_000_000, blind, SHORT)
                .measure(Map.of("one", Stories.FOLDER), (ratio, tokens) -> {}).get("one");
        assertThat(cost.peakMemoryBytes()).isEqualTo(260_032 * 4);
    }

    /** Rises by 10 MB, more than the weights, with every start: the least of three runs is the first. */
    private static final class FixedGauge implements MemoryGauge {
        static final long STEP = 10_000_000;

        private int starts;

        @Override
        public void start() {
            starts++;
        }

        @Override
        public long peakBytes() {
            return starts * STEP;
        }
    }
}
