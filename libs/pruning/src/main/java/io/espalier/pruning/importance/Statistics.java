package io.espalier.pruning.importance;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Named sums of numbers that scoring leaves behind: what one task found in its shard, and what the shards of all tasks
 * make together. Usual names: {@code layer.7.mlp.first.gate}.
 *
 * <p>Each entry is kept as an unevaluated pair, sum plus error (double-double, by Knuth's TwoSum): about 106 bits. Sums
 * of contributions that come from 24-bit floats are therefore exact in practice, and so do not depend on how samples
 * were spread over tasks: one worker and eight give the same numbers to the last bit. Each contribution must be one
 * sample's (or one layer's) and computed the same way whatever the shard.
 */
public final class Statistics {
    private final Map<String, Sum> sums = new TreeMap<>();

    /** @param shape product of its numbers = entries */
    record Sum(long[] shape, double[] high, double[] low) {
        void add(double[] more) {
            for (int i = 0; i < high.length; i++) {
                double a = high[i];
                double b = more[i];
                double sum = a + b;
                double shadow = sum - a;
                double error = (a - (sum - shadow)) + (b - shadow);
                double tail = low[i] + error;
                high[i] = sum + tail;
                low[i] = tail - (high[i] - sum);
            }
        }
    }

    /** Adds one contribution to the sum of that name, which begins with it. */
    public Statistics add(String name, double[] contribution, long... shape) {
        long[] sizes = shape.length == 0 ? new long[]{contribution.length} : shape;
        Sum sum = sums.computeIfAbsent(name,
                _ -> new Sum(sizes.clone(), new double[contribution.length], new double[contribution.length]));
        if (!Arrays.equals(sum.shape(), sizes) || sum.high().length != contribution.length) {
            throw new IllegalArgumentException("statistic " + name + " has shape " + Arrays.toString(sum.shape())
                    + ", not " + Arrays.toString(sizes));
        }
        sum.add(contribution);
        return this;
    }

    /** Adds one number. */
    public Statistics add(String name, double contribution) {
        return add(name, new double[]{contribution});
    }

    public boolean has(String name) {
        return sums.containsKey(name);
    }

    /** The entries of a sum, row by row. */
    public double[] get(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException(
                "statistic " + name + " was not computed; there are " + sums.keySet()));
    }

    public Optional<double[]> find(String name) {
        return Optional.ofNullable(sums.get(name)).map(sum -> sum.high().clone());
    }

    /** A sum of one entry. */
    public double number(String name) {
        return get(name)[0];
    }

    public long[] shape(String name) {
        get(name);
        return sums.get(name).shape().clone();
    }

    /** In alphabetical order. */
    public Collection<String> names() {
        return List.copyOf(sums.keySet());
    }

    /** Sums of equal names are added in the given order, others stand side by side. */
    public static Statistics merge(List<Statistics> parts) {
        Statistics merged = new Statistics();
        for (Statistics part : parts) {
            part.sums.forEach((name, sum) -> {
                merged.add(name, sum.high(), sum.shape());
                merged.add(name, sum.low(), sum.shape());
            });
        }
        return merged;
    }

    /** Writes all sums: a safetensors file. */
    public void write(Path path) {
        StatisticsFile.write(path, sums);
    }

    public static Statistics read(Path path) {
        Statistics statistics = new Statistics();
        StatisticsFile.read(path, statistics.sums);
        return statistics;
    }
}
