package io.espalier.pruning.method.tpe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.pruning.method.random.SerialRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class TreeParzenEstimatorTest {
    private static final List<Parameter> BRANIN_SPACE = List.of(new Parameter.Uniform(-5, 10),
            new Parameter.Uniform(0, 15));
    private static final List<Parameter> MIXED_SPACE = List.of(new Parameter.Categorical(16),
            new Parameter.Uniform(0, 1), new Parameter.Uniform(0, 1), new Parameter.Uniform(0, 1),
            new Parameter.Uniform(0, 1), new Parameter.Categorical(4));

    @Test
    void beatsRandomSearchOnBranin() {
        double tpe = medianBest(BRANIN_SPACE, TreeParzenEstimatorTest::branin, 10, 100);
        double random = medianBest(BRANIN_SPACE, TreeParzenEstimatorTest::branin, 100, 100);

        assertThat(tpe).isLessThan(random);
        assertThat(tpe).isCloseTo(0.397887, within(0.1)); // the known minimum
    }

    /** A space like AdaPruner's: a subset, four coefficients, a reduction. */
    @Test
    void beatsRandomSearchWithCategories() {
        ToDoubleFunction<double[]> function = p -> Math.abs(p[0] - 11) / 4 + square(p[1] - 0.8) + square(p[2] - 0.1)
                + square(p[3] - 0.5) + square(p[4]) + (p[5] == 2 ? 0 : 0.5);
        double tpe = medianBest(MIXED_SPACE, function, 10, 100);
        double random = medianBest(MIXED_SPACE, function, 100, 100);

        assertThat(tpe).isLessThan(0.6 * random);
    }

    /** AdaPruner's rounds of eight: thirty trials find as much as one by one, and twice as much as blind ones. */
    @Test
    void roundsOfEightLoseLittle() {
        double oneByOne = meanBestInRounds(1, 10);
        double inRounds = meanBestInRounds(8, 10);
        double blind = meanBestInRounds(8, 30);

        assertThat(inRounds).isLessThan(1.1 * oneByOne).isLessThan(0.65 * blind);
    }

    private static double meanBestInRounds(int parallel, int blind) {
        ToDoubleFunction<double[]> function = p -> Math.abs(p[0] - 11) / 16 + square(p[1] - 0.8) + square(p[2] - 0.1)
                + square(p[3] - 0.5) + square(p[4]);
        List<Parameter> space = MIXED_SPACE.subList(0, 5);
        return LongStream.range(0, 200).mapToDouble(seed -> {
            TreeParzenEstimator tpe = new TreeParzenEstimator(space, blind, 24);
            SerialRandom random = new SerialRandom(seed);
            List<Trial> history = history(tpe, function, 10, random);
            while (history.size() < 30) {
                tpe.suggest(List.copyOf(history), Math.min(parallel, 30 - history.size()), random)
                        .forEach(point -> history.add(new Trial(point, function.applyAsDouble(point))));
            }
            return history.stream().mapToDouble(Trial::value).min().orElseThrow();
        }).average().orElseThrow();
    }

    @Test
    void equalHistoryAndStateGiveEqualPoints() {
        TreeParzenEstimator tpe = new TreeParzenEstimator(MIXED_SPACE, 3, 24);
        List<Trial> history = history(tpe, p -> p[1] + p[5], 12, new SerialRandom(1));

        List<double[]> first = tpe.suggest(history, 4, new SerialRandom(99));
        List<double[]> second = tpe.suggest(history, 4, new SerialRandom(99));

        for (int i = 0; i < 4; i++) {
            assertThat(first.get(i)).containsExactly(second.get(i));
        }
        assertThat(first.get(0)).isNotEqualTo(first.get(1));
    }

    @Test
    void worksWithFailedMeasurements() {
        TreeParzenEstimator tpe = new TreeParzenEstimator(BRANIN_SPACE, 3, 24);
        List<Trial> history = history(tpe, p -> p[0] < 0 ? Double.NaN : p[0], 30, new SerialRandom(5));

        assertThat(history.getLast().point()[0]).isBetween(0.0, 5.0);
    }

    @Test
    void densitiesIntegrateToOne() {
        Density density = new Parameter.Uniform(-2, 3).fit(new double[]{-2, 0.5, 0.6, 2.9});
        int steps = 200_000;
        double integral = IntStream.range(0, steps)
                .mapToDouble(i -> Math.exp(density.log(-2 + 5.0 * (i + 0.5) / steps)))
                .sum() * 5 / steps;
        Density weighted = new Parameter.Categorical(3).fit(new double[]{2, 2, 0});

        assertThat(integral).isCloseTo(1, within(1e-5));
        assertThat(IntStream.range(0, 3).mapToDouble(i -> Math.exp(weighted.log(i))).toArray())
                .containsExactly(new double[]{4 / 12.0, 1 / 12.0, 7 / 12.0}, within(1e-12));
    }

    private static double medianBest(List<Parameter> space, ToDoubleFunction<double[]> function, int blind,
            int trials) {
        double[] best = LongStream.range(0, 15).mapToDouble(
                seed -> history(new TreeParzenEstimator(space, blind, 24), function, trials, new SerialRandom(seed))
                        .stream().mapToDouble(Trial::value).min().orElseThrow())
                .sorted().toArray();
        return best[best.length / 2];
    }

    private static List<Trial> history(TreeParzenEstimator tpe, ToDoubleFunction<double[]> function, int trials,
            SerialRandom random) {
        List<Trial> history = new ArrayList<>();
        for (int i = 0; i < trials; i++) {
            double[] point = tpe.suggest(history, random);
            assertThat(Arrays.stream(point).allMatch(Double::isFinite)).isTrue();
            history.add(new Trial(point, function.applyAsDouble(point)));
        }
        return history;
    }

    private static double branin(double[] p) {
        double x = p[0];
        double y = p[1];
        return square(y - 5.1 / (4 * Math.PI * Math.PI) * x * x + 5 / Math.PI * x - 6)
                + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) + 10;
    }

    private static double square(double value) {
        return value * value;
    }
}
