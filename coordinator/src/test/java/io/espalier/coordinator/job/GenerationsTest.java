package io.espalier.coordinator.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.topic.Json;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GenerationsTest {
    @Test
    void tasksOfARoundStandTogetherInOrder() {
        Generations all = round(1, 3.0, 1.0).plus(round(1, 2.0)).plus(round(3, 0.5));
        assertThat(all.byRound()).containsEntry(1, List.of(1.0, 2.0, 3.0)).containsEntry(3, List.of(0.5));
        assertThat(all.toJson()).hasToString(
                "{\"generations\":[{\"round\":1,\"values\":[1.0,2.0,3.0]},{\"round\":2,\"values\":[0.5]}]}");
    }

    @Test
    void aLongRoundKeepsItsBestAndItsWorst() {
        Double[] many = IntStream.range(0, 100).mapToObj(i -> (double) i).toArray(Double[]::new);
        List<Double> kept = Generations.NONE.plus(round(1, many)).plus(round(1, 100.0)).byRound().get(1);
        assertThat(kept).hasSize(16).isSorted().startsWith(0.0).endsWith(100.0);
    }

    @Test
    void aLongSearchStaysSmallAndKeepsItsLatestRound() {
        Generations all = Generations.NONE;
        for (int i = 0; i < 1000; i++) {
            all = all.plus(round(2 * i + 1, 1.0 * i));
        }
        assertThat(all.byRound().size()).isBetween(64, 128);
        assertThat(all.byRound().lastKey()).isEqualTo(1999);
    }

    @Test
    void survivesARestart() throws Exception {
        Generations all = round(1, 3.0, 1.0).plus(round(3, 0.5));
        assertThat(Json.events().readValue(Json.events().writeValueAsBytes(all), Generations.class)).isEqualTo(all);
    }

    private static Generations round(int round, Double... values) {
        return new Generations(new TreeMap<>(Map.of(round, List.of(values))));
    }
}
