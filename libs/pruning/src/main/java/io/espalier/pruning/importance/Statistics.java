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
    private final Map<String, Entry> entries = new TreeMap<>();
    private final StatisticsSpill spill;

    public Statistics() {
        this(null);
    }

    private Statistics(StatisticsSpill spill) {
        this.spill = spill;
    }

    /** Statistics whose complete entries lie in a file of this folder instead of in memory; null means in memory. */
    public static Statistics spillingTo(Path folder) {
        return new Statistics(folder == null ? null : new StatisticsSpill(folder));
    }

    /** A sum and its error, wherever they are. */
    sealed interface Entry {
        /** product of its numbers = entries */
        long[] shape();

        double[] high();

        /** null where there is none */
        double[] low();

        /** Upper bound, errors included. */
        long bytes();
    }

    /** A complete sum in a file, read whenever it is asked for. */
    record Stored(long[] shape, StoredNumbers upper, StoredNumbers lower) implements Entry {
        @Override
        public double[] high() {
            return upper.read();
        }

        @Override
        public double[] low() {
            return lower == null ? null : lower.read();
        }

        @Override
        public long bytes() {
            return Double.BYTES * (upper.count() + (lower == null ? 0L : lower.count()));
        }
    }

    /** A sum in memory, which may grow. */
    record Sum(long[] shape, double[] high, double[] low) implements Entry {
        static Sum zero(long[] shape, int length) {
            return new Sum(shape.clone(), new double[length], new double[length]);
        }

        @Override
        public long bytes() {
            return 2L * Double.BYTES * high.length;
        }

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
        Sum sum = growing(name, sizes, contribution.length);
        if (!Arrays.equals(sum.shape(), sizes) || sum.high().length != contribution.length) {
            throw new IllegalArgumentException("statistic " + name + " has shape " + Arrays.toString(sum.shape())
                    + ", not " + Arrays.toString(sizes));
        }
        sum.add(contribution);
        return this;
    }

    private Sum growing(String name, long[] shape, int length) {
        Entry entry = entries.get(name);
        if (entry instanceof Sum sum) {
            return sum;
        }
        Sum sum = entry == null ? Sum.zero(shape, length) : inMemory(entry);
        entries.put(name, sum);
        return sum;
    }

    private static Sum inMemory(Entry entry) {
        double[] high = entry.high();
        Sum sum = Sum.zero(entry.shape(), high.length);
        sum.add(high);
        double[] low = entry.low();
        if (low != null) {
            sum.add(low);
        }
        return sum;
    }

    /** Adds an entry that is complete with this one contribution, and may therefore leave the memory at once. */
    public Statistics put(String name, double[] contribution) {
        if (spill == null) {
            return add(name, contribution);
        }
        if (entries.putIfAbsent(name, spill.write(contribution)) != null) {
            throw new IllegalArgumentException("statistic " + name + " was complete already");
        }
        return this;
    }

    /** Adds one number. */
    public Statistics add(String name, double contribution) {
        return add(name, new double[]{contribution});
    }

    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /** The entries of a sum, row by row. */
    public double[] get(String name) {
        return find(name).orElseThrow(() -> missing(name));
    }

    public Optional<double[]> find(String name) {
        return Optional.ofNullable(entries.get(name))
                .map(entry -> entry instanceof Sum sum ? sum.high().clone() : entry.high());
    }

    private IllegalArgumentException missing(String name) {
        return new IllegalArgumentException(
                "statistic " + name + " was not computed; there are " + entries.keySet());
    }

    /** A sum of one entry. */
    public double number(String name) {
        return get(name)[0];
    }

    public long[] shape(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw missing(name);
        }
        return entry.shape().clone();
    }

    /** In alphabetical order. */
    public Collection<String> names() {
        return List.copyOf(entries.keySet());
    }

    /** Sums of equal names are added in the given order, others stand side by side. */
    public static Statistics merge(List<Statistics> parts) {
        Statistics merged = new Statistics();
        for (Statistics part : parts) {
            part.entries.forEach(merged::include);
        }
        return merged;
    }

    /** What is complete in a file stays there as long as nothing is added to it. */
    private void include(String name, Entry entry) {
        if (entry instanceof Stored && !entries.containsKey(name)) {
            entries.put(name, entry);
            return;
        }
        add(name, entry.high(), entry.shape());
        double[] low = entry.low();
        if (low != null) {
            add(name, low, entry.shape());
        }
    }

    /** Gives the disk space of spilled entries back: they cannot be read any more. */
    public void discard() {
        if (spill != null) {
            spill.close();
        }
    }

    /** Of all numbers, in memory and in files. */
    public long bytes() {
        return entries.values().stream().mapToLong(Entry::bytes).sum();
    }

    /** Writes all sums: a safetensors file. */
    public void write(Path path) {
        StatisticsFile.write(path, entries);
    }

    /** Reads the names; the numbers are read from the file whenever they are asked for. */
    public static Statistics read(Path path) {
        Statistics statistics = new Statistics();
        statistics.restore(path);
        return statistics;
    }

    /**
     * Takes all sums of a file in, instead of its own.
     *
     * @throws RuntimeException if it is not one of {@link #write}; then nothing has changed
     */
    void restore(Path path) {
        Map<String, Entry> read = new TreeMap<>();
        StatisticsFile.read(path, read);
        entries.clear();
        entries.putAll(read);
    }
}
