package io.espalier.pruning.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatisticsTest {
    @TempDir
    Path folder;

    @Property(tries = 300)
    void sumsDoNotDependOnHowSamplesAreSpreadAndOrdered(@ForAll long seed,
            @ForAll @IntRange(min = 1, max = 9) int shards) {
        List<double[]> samples = samples(new Random(seed), 40);
        Statistics one = new Statistics();
        samples.forEach(sample -> one.add("sum", sample));

        Collections.shuffle(samples, new Random(seed + 1));
        List<Statistics> parts = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            Statistics part = new Statistics();
            samples.subList(40 * shard / shards, 40 * (shard + 1) / shards).forEach(s -> part.add("sum", s));
            parts.add(part);
        }
        assertThat(Statistics.merge(parts).get("sum")).isEqualTo(one.get("sum"));
    }

    /** As gradients give them: floats of both signs over many orders of magnitude, nearly cancelling. */
    private static List<double[]> samples(Random random, int count) {
        List<double[]> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float big = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(12) - 6));
            samples.add(new double[]{big, i % 2 == 0 ? big : -(float) random.nextGaussian() * 1e-7f});
        }
        return samples;
    }

    @Test
    void comesBackFromAFileToTheLastBit() {
        Statistics statistics = new Statistics().add("layer.0.mlp.gate", new double[]{1e16, 2, 3, 4}, 2, 2)
                .add("layer.0.mlp.gate", new double[]{1, 1e-20, 0, 0}, 2, 2).add("samples", 7);
        statistics.write(folder.resolve("s.safetensors"));
        Statistics read = Statistics.read(folder.resolve("s.safetensors"));
        assertThat(read.shape("layer.0.mlp.gate")).containsExactly(2, 2);
        assertThat(read.number("samples")).isEqualTo(7);
        // the error term has survived: 1e16 + 1 + 1 is 1e16 + 2, which plain doubles lose
        assertThat(read.add("layer.0.mlp.gate", new double[]{1, 0, 0, 0}, 2, 2).get("layer.0.mlp.gate"))
                .containsExactly(1e16 + 2, 2, 3, 4);
    }

    @Test
    void completeEntriesMayLieOnDiskAndReadTheSame() {
        Statistics spilled = Statistics.spillingTo(folder).put("row", new double[]{1, -2.5, Double.MIN_VALUE}).add("n",
                1);
        Statistics inMemory = new Statistics().put("row", new double[]{1, -2.5, Double.MIN_VALUE}).add("n", 1);
        spilled.write(folder.resolve("spilled"));
        inMemory.write(folder.resolve("memory"));

        assertThat(folder.resolve("spilled")).hasSameBinaryContentAs(folder.resolve("memory"));
        assertThat(Statistics.merge(List.of(Statistics.read(folder.resolve("spilled")), new Statistics().add("n", 1)))
                .number("n")).isEqualTo(2);
        assertThatThrownBy(() -> spilled.put("row", new double[3])).hasMessageContaining("complete already");
    }

    @Test
    void partsOfDifferentLayersStandSideBySide() {
        Statistics merged = Statistics
                .merge(List.of(new Statistics().add("layer.0.x", 1), new Statistics().add("layer.1.x", 2)));
        assertThat(merged.names()).containsExactly("layer.0.x", "layer.1.x");
    }

    @Test
    void refusesShapesThatDoNotFit() {
        Statistics statistics = new Statistics().add("x", new double[]{1, 2});
        assertThatThrownBy(() -> statistics.add("x", new double[]{1})).hasMessageContaining("statistic x");
        assertThatThrownBy(() -> statistics.get("y")).hasMessageContaining("[x]");
    }
}
