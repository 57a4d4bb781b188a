package io.espalier.pruning.recovery.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
    private final List<Example> ten = IntStream.range(0, 10)
            .mapToObj(i -> new Example(IntStream.range(0, 2 + i % 3).map(k -> 100 + i).toArray(), 0)).toList();

    @Test
    void showsEveryExampleOncePerEpochAndShufflesAnew() {
        var order = new BatchOrder(ten, 4, 1);
        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        assertThat(examplesOf(order, 0, 3)).hasSize(10);
        assertThat(examplesOf(order, 3, 6)).hasSize(10);
        assertThat(tokens(order.step(0, 4))).isNotEqualTo(tokens(order.step(3, 4)));
    }

    @Test
    void givesAStepTheSameBatchWhateverWasAskedBefore() {
        var walked = new BatchOrder(ten, 4, 1);
        IntStream.range(0, 5).forEach(step -> walked.step(step, 2));
        assertThat(tokens(new BatchOrder(ten, 4, 1).step(4, 2))).isEqualTo(tokens(walked.step(4, 2)));
    }

    @Test
    void putsSimilarLengthsTogether() {
        List<MicroBatch> micros = BatchOrder.split(ten, 3);
        assertThat(micros).extracting(MicroBatch::length).containsExactly(4, 3, 2, 2);
        assertThat(micros).extracting(MicroBatch::rows).containsExactly(3, 3, 3, 1);
    }

    @Test
    void padsAtTheEndAndCountsOnlyTargets() {
        MicroBatch micro = MicroBatch
                .of(List.of(new Example(new int[]{5, 6, 7, 8}, 2), new Example(new int[]{9, 4}, 0)));
        assertThat(micro.tokens()).isDeepEqualTo(new int[][]{{5, 6, 7, 8}, {9, 4, 0, 0}});
        assertThat(micro.targets()).containsExactly(6, 7, 8, 0, 4, 0, 0, 0);
        assertThat(micro.weights(0.5f)).containsExactly(0, 0.5f, 0.5f, 0, 0.5f, 0, 0, 0);
        assertThat(micro.counted()).isEqualTo(3);
    }

    private static Set<Integer> examplesOf(BatchOrder order, int from, int to) {
        var seen = new HashSet<Integer>();
        IntStream.range(from, to).forEach(step -> order.step(step, 2)
                .forEach(m -> Arrays.stream(m.tokens()).forEach(row -> seen.add(row[0]))));
        return seen;
    }

    private static List<String> tokens(List<MicroBatch> micros) {
        return micros.stream().map(m -> Arrays.deepToString(m.tokens())).toList();
    }
}
