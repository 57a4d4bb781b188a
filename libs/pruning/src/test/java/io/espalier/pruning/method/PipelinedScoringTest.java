package io.espalier.pruning.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.RangeNeighbours;
import io.espalier.model.weights.RandomCheckpoint;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.LayerRanges.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ranges of layers that hand on what they compute find together what one pass finds, to the last bit. */
class PipelinedScoringTest {
    private static final int LAYERS = 5;
    private static final Path GOLDEN = Path.of("../model/src/test/resources/golden");
    private static final MethodOptions TAYLOR = MethodFixtures.options("llm-pruner", Map.of());
    private static final LayerRanges ALL = LayerRanges.all(LAYERS);
    private static final Progress IGNORED = (_, _) -> {};
    private static final int IN_FLIGHT = 3;
    private static final long PLENTY = 1L << 30;

    @TempDir
    Path folder;
    private int files;

    /**
     * What is scored, and with how much room.
     *
     * @param graphBytes    for the graphs that wait
     * @param boundaryBytes for activations in memory; the others wait on disk
     */
    private record Scored(Path model, MethodOptions options, LayerRanges layers, int[][] samples, long graphBytes,
            long boundaryBytes) {
        ScoringTask task(int from, int to, Progress progress) {
            return new ScoringTask(model, options, layers, samples, 0, from, to, 2,
                    new Compute(Device.cpu(), 0, boundaryBytes, null), progress);
        }

        Statistics range(int from, int to, Progress progress, RangeNeighbours neighbours) throws Exception {
            return Methods.named(options.name())
                    .score(task(from, to, progress).beside(neighbours, IN_FLIGHT, graphBytes));
        }

        Statistics whole() throws Exception {
            return Methods.named(options.name()).score(task(0, LAYERS, IGNORED));
        }
    }

    private static Scored stories(MethodOptions options) {
        return new Scored(Fixtures.STORIES, options, ALL, Arrays.stream(MethodFixtures.TOKENS).limit(7)
                .map(sample -> Arrays.copyOf(sample, 24)).toArray(int[][]::new), PLENTY, PLENTY);
    }

    @ParameterizedTest
    @CsvSource({"llama3, 2", "llama3, 5", "mistral, 3", "mistral-window, 4", "qwen3, 2", "qwen3, 5", "gemma2, 2",
        "gemma2, 5", "llama-tied, 3", "phi3, 4"})
    void anyFamilyInAnyNumberOfRanges(String family, int ranges) throws Exception {
        Path model = deepened(family);
        int vocabulary = ModelConfig.read(model).vocabularySize();
        int[][] samples = IntStream.range(0, 5)
                .mapToObj(seed -> new Random(seed).ints(16, 0, vocabulary).toArray()).toArray(int[][]::new);
        assertEqualToOnePass(new Scored(model, TAYLOR, ALL, samples, PLENTY, PLENTY), ranges);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5})
    void everyMethodThatCannotBeSpreadOverSamples(int ranges) throws Exception {
        assertEqualToOnePass(stories(TAYLOR), ranges);
        assertEqualToOnePass(stories(MethodFixtures.options("llm-pruner", Map.of("criterion", "param_mix"))), ranges);
        assertEqualToOnePass(stories(MethodFixtures.options("nirvana", Map.of("sets", 1))), ranges);
    }

    @Test
    void withoutRoomForGraphsOrActivations() throws Exception {
        Scored scored = stories(TAYLOR);
        assertEqualToOnePass(new Scored(scored.model(), TAYLOR, ALL, scored.samples(), 0, 0), 3);
    }

    /** The first range has nothing to hand out and hears of no gradient; in the second, gradients end at its second layer. */
    @Test
    void whereTheLowerLayersLoseNothing() throws Exception {
        var upper = new LayerRanges(new Range(2, 4), new Range(3, 4));
        for (long graphBytes : new long[]{PLENTY, 0}) {
            assertEqualToOnePass(new Scored(Fixtures.STORIES, TAYLOR, upper, stories(TAYLOR).samples(), graphBytes,
                    PLENTY), 3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aRangeThatDiesInTheMiddleBeginsAnew(int victim) throws Exception {
        Scored scored = stories(TAYLOR);
        var neighbours = new MemoryNeighbours();
        var steps = new AtomicInteger();
        Progress dying = (_, _) -> {
            if (steps.incrementAndGet() == 9) {
                throw new InterruptedException("killed");
            }
        };
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<Statistics>> parts = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                int from = cut(i, 3);
                int to = cut(i + 1, 3);
                boolean dies = i == victim;
                parts.add(threads.submit(() -> {
                    if (dies) {
                        assertThatThrownBy(() -> scored.range(from, to, dying, neighbours)).hasMessage("killed");
                    }
                    return scored.range(from, to, IGNORED, neighbours);
                }));
            }
            assertThat(bytes(merged(parts))).isEqualTo(bytes(scored.whole()));
        }
    }

    @Test
    void rangesThatWaitInVainWorkAlone() throws Exception {
        for (MethodOptions options : List.of(TAYLOR, MethodFixtures.options("llm-pruner", Map.of("criterion",
                "param_mix")))) {
            Scored scored = stories(options);
            List<Statistics> parts = new ArrayList<>();
            for (int[] range : new int[][]{{3, 5}, {0, 2}, {2, 3}}) { // one after the other, as one worker would
                parts.add(scored.range(range[0], range[1], IGNORED, new MemoryNeighbours().waitingForNobody()));
            }
            assertThat(bytes(Statistics.merge(parts))).isEqualTo(bytes(scored.whole()));
        }
    }

    /** One worker takes the ranges one after the other: what the first had left on its way forward is enough for the last. */
    @Test
    void whatWasHandedOnIsThereForThoseWhoComeLater() throws Exception {
        Scored scored = stories(TAYLOR);
        var neighbours = new MemoryNeighbours().waitingForNobody();
        Statistics lower = scored.range(0, 3, IGNORED, neighbours);
        assertThat(neighbours.left()).as("micro-batches of 2 of 7 samples").isEqualTo(4);
        var told = new AtomicInteger();
        Statistics upper = scored.range(3, 5, (_, _) -> told.incrementAndGet(), neighbours);
        assertThat(neighbours.found()).isEqualTo(4);
        assertThat(told).as("steps of two layers and four micro-batches").hasValue(16);
        assertThat(bytes(Statistics.merge(List.of(lower, upper)))).isEqualTo(bytes(scored.whole()));
    }

    @Test
    void whoIsNoLongerWantedHearsItWhileWaiting() {
        Progress cancelled = (_, message) -> {
            if (message != null) {
                throw new InterruptedException(message);
            }
        };
        assertThatThrownBy(() -> stories(TAYLOR).range(2, 5, cancelled, new MemoryNeighbours()))
                .isInstanceOf(InterruptedException.class).hasMessageContaining("waiting");
    }

    private void assertEqualToOnePass(Scored scored, int ranges) throws Exception {
        var neighbours = new MemoryNeighbours();
        var tokens = new AtomicLong();
        try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofPlatform().factory())) {
            List<Future<Statistics>> parts = new ArrayList<>();
            for (int i = 0; i < ranges; i++) {
                int from = cut(i, ranges);
                int to = cut(i + 1, ranges);
                Progress counting = counting(tokens);
                parts.add(threads.submit(() -> scored.range(from, to, counting, neighbours)));
            }
            assertThat(bytes(merged(parts))).as("%s in %d ranges", scored.options(), ranges)
                    .isEqualTo(bytes(scored.whole()));
        }
        assertThat(neighbours.found()).isEqualTo(neighbours.left()).isPositive();
        assertThat(tokens).as("each counted once").hasValueGreaterThan(0)
                .hasValueLessThanOrEqualTo(scored.samples().length * scored.samples()[0].length);
    }

    private static Progress counting(AtomicLong tokens) {
        return new Progress() {
            @Override
            public void at(double done, String message) {}

            @Override
            public void tokens(long count) {
                tokens.addAndGet(count);
            }
        };
    }

    private static Statistics merged(List<Future<Statistics>> parts) throws Exception {
        List<Statistics> all = new ArrayList<>();
        for (Future<Statistics> part : parts) {
            all.add(part.get());
        }
        return Statistics.merge(all);
    }

    private static int cut(int i, int ranges) {
        return LAYERS * i / ranges;
    }

    private byte[] bytes(Statistics statistics) throws IOException {
        Path file = folder.resolve("statistics-" + files++);
        statistics.write(file);
        return Files.readAllBytes(file);
    }

    /** A random model of a golden one's shape, but for its number of layers. */
    private Path deepened(String family) throws IOException {
        var json = new ObjectMapper();
        var config = (ObjectNode) json.readTree(GOLDEN.resolve(family).resolve("config.json").toFile());
        config.put("num_hidden_layers", LAYERS);
        if (config.get("layer_types") instanceof ArrayNode types) {
            for (int i = 0; types.size() < LAYERS; i++) {
                types.add(types.get(i));
            }
        }
        Path source = Files.createTempDirectory(folder, "config");
        json.writeValue(source.resolve("config.json").toFile(), config);
        Path target = Files.createTempDirectory(folder, "model");
        RandomCheckpoint.write(source, target, 1);
        return target;
    }
}
