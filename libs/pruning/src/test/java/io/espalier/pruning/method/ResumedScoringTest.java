package io.espalier.pruning.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.espalier.pruning.Fixtures;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.LayerRanges;
import io.espalier.pruning.plan.LayerRanges.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scoring that goes on from a checkpoint between two blocks finds what undisturbed scoring finds, to the last bit. */
class ResumedScoringTest {
    private static final int LAYERS = MethodFixtures.SHAPE.layers().size();
    private static final LayerRanges ALL = LayerRanges.all(LAYERS);
    /** The first two layers lose nothing: gradients end behind them. */
    private static final LayerRanges UPPER = new LayerRanges(new Range(2, 4), new Range(3, 4));
    private static final int[][] SAMPLES = Arrays.stream(MethodFixtures.TOKENS).limit(4)
            .map(sample -> Arrays.copyOf(sample, 24)).toArray(int[][]::new);
    private static final Progress IGNORED = (_, _) -> {};

    @TempDir
    Path folder;

    /** @param boundaryBytes of activations in memory; the others wait on disk */
    record Case(Map<String, Object> options, LayerRanges layers, long boundaryBytes) {
        MethodOptions method() {
            return MethodFixtures.options((String) options.get("name"), options);
        }
    }

    static Stream<Case> scorers() {
        List<Map<String, Object>> all = List.of(Map.of("name", "llm-pruner", "criterion", "vectorize"),
                Map.of("name", "llm-pruner", "criterion", "param_first"),
                Map.of("name", "llm-pruner", "criterion", "param_second"),
                Map.of("name", "llm-pruner", "criterion", "param_mix"),
                Map.of("name", "llm-pruner", "criterion", "param_first", "mode", "channel-wise"),
                Map.of("name", "nirvana"), Map.of("name", "adapruner", "subsetSize", 3), Map.of("name", "search"),
                Map.of("name", "numerical"), Map.of("name", "llm-bip"));
        return Stream.concat(all.stream().map(options -> new Case(options, ALL, 1L << 30)),
                Stream.of(new Case(all.get(1), UPPER, 1L << 30), new Case(all.get(4), ALL, 0),
                        new Case(all.get(6), UPPER, 0), new Case(all.get(8), ALL, 0)));
    }

    @ParameterizedTest
    @MethodSource("scorers")
    void findsTheSameFromEveryBoundary(Case scorer) throws Exception {
        var steps = new AtomicInteger();
        Progress counting = (_, _) -> steps.incrementAndGet();
        var everything = new FolderKeeper(folder, null);
        byte[] undisturbed = score(scorer, counting, everything);
        int before = steps.getAndSet(0);

        assertThat(everything.kept()).hasSizeGreaterThanOrEqualTo(LAYERS - 1);
        for (int i = 0; i < everything.kept().size(); i++) {
            Path checkpoint = everything.kept().get(i);
            assertThat(size(checkpoint)).as("announced size").isLessThan(everything.announced().get(i) + 100_000);
            var resumed = new FolderKeeper(null, checkpoint);
            assertThat(score(scorer, counting, resumed)).as("from %s", checkpoint).isEqualTo(undisturbed);
            assertThat(resumed.refusals()).isEmpty();
            int now = steps.getAndSet(0);
            assertThat(now).as("work done from %s", checkpoint).isLessThan(before);
            before = now;
        }
    }

    /** What a worker with little memory has begun, one with much can end. */
    @Test
    void aModelInMemoryGoesOnButMakesNoneWhereItKeepsGraphs() throws Exception {
        Case scorer = scorers().toList().getFirst();
        var everything = new FolderKeeper(folder, null);
        byte[] undisturbed = score(scorer, IGNORED, everything);
        var withGraphs = new FolderKeeper(folder, null);

        assertThat(score(scorer, IGNORED, withGraphs, Long.MAX_VALUE)).isEqualTo(undisturbed);
        assertThat(withGraphs.kept()).isEmpty();
        for (int from : new int[]{2, 7}) {
            var resumed = new FolderKeeper(null, everything.kept().get(from));
            assertThat(score(scorer, IGNORED, resumed, Long.MAX_VALUE)).isEqualTo(undisturbed);
            assertThat(resumed.refusals()).isEmpty();
        }
    }

    @Test
    void progressAndTokensGoOnToo() throws Exception {
        Case scorer = scorers().toList().get(1);
        var everything = new FolderKeeper(folder, null);
        score(scorer, IGNORED, everything);
        var heard = new Heard();
        score(scorer, heard, new FolderKeeper(null, everything.kept().get(4))); // forwards is done

        assertThat(heard.first).isGreaterThan(0.5);
        assertThat(heard.tokens).isLessThanOrEqualTo(SAMPLES.length * SAMPLES[0].length / 2);
    }

    private static final class Heard implements Progress {
        private double first = Double.NaN;
        private long tokens;

        @Override
        public void at(double done, String message) {
            first = Double.isNaN(first) ? done : first;
        }

        @Override
        public void tokens(long count) {
            tokens += count;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pass.json", "activations.safetensors", "statistics.safetensors"})
    void aDamagedCheckpointIsRefusedAndScoringBeginsAnew(String file) throws Exception {
        Case scorer = scorers().toList().get(1);
        var everything = new FolderKeeper(folder, null);
        byte[] undisturbed = score(scorer, IGNORED, everything);

        Path cut = everything.kept().get(6);
        Files.write(cut.resolve(file), Arrays.copyOf(Files.readAllBytes(cut.resolve(file)), 20));
        Path missing = everything.kept().get(7);
        Files.delete(missing.resolve(file));
        Path random = everything.kept().get(5);
        Files.write(random.resolve(file), new byte[]{1, 2, 3, 4, 5, 6, 7, 8, 9}, StandardOpenOption.TRUNCATE_EXISTING);
        for (Path damaged : List.of(cut, missing, random)) {
            var keeper = new FolderKeeper(null, damaged);
            assertThat(score(scorer, IGNORED, keeper)).isEqualTo(undisturbed);
            assertThat(keeper.refusals()).singleElement().asString().contains(file.substring(0, 4));
        }
    }

    @Test
    void aForeignCheckpointIsRefused() throws Exception {
        Case own = scorers().toList().get(1);
        Case other = scorers().toList().getFirst();
        var everything = new FolderKeeper(folder, null);
        score(other, IGNORED, everything);
        var keeper = new FolderKeeper(null, everything.kept().get(3));

        assertThat(score(own, IGNORED, keeper)).isEqualTo(score(own, IGNORED, new FolderKeeper(null, null)));
        assertThat(keeper.refusals()).singleElement().asString().contains("another pass");
    }

    /** A checkpoint may be written when a scorer is called away: what it had done is not done again. */
    @ParameterizedTest
    @ValueSource(strings = {"llm-pruner", "adapruner", "llm-bip"})
    void theBlocksDoneAreKeptWhenItIsCalledAway(String method) throws Exception {
        var scorer = new Case(Map.of("name", method, "subsetSize", 3), ALL, 1L << 30);
        byte[] undisturbed = score(scorer, IGNORED, new FolderKeeper(null, null));
        var keeper = new FolderKeeper(folder, null);
        Progress called = (_, _) -> {
            if (keeper.kept().size() == 3) {
                throw new InterruptedException("called away");
            }
        };

        assertThatThrownBy(() -> score(scorer, called, keeper)).isInstanceOf(InterruptedException.class);
        assertThat(keeper.kept()).hasSize(3);
        assertThat(score(scorer, IGNORED, new FolderKeeper(null, keeper.kept().getLast()))).isEqualTo(undisturbed);
    }

    private byte[] score(Case scorer, Progress progress, FolderKeeper keeper) throws Exception {
        return score(scorer, progress, keeper, 0);
    }

    private byte[] score(Case scorer, Progress progress, FolderKeeper keeper, long residentBytes) throws Exception {
        MethodOptions options = scorer.method();
        Statistics statistics = Methods.named(options.name()).score(new ScoringTask(Fixtures.STORIES, options,
                scorer.layers(), SAMPLES, 0, 0, LAYERS, 2,
                new Compute(Device.cpu(), residentBytes, scorer.boundaryBytes(),
                        Files.createDirectories(folder.resolve("scratch"))),
                progress, keeper));
        Path file = folder.resolve("statistics");
        statistics.write(file);
        return Files.readAllBytes(file);
    }

    private static long size(Path checkpoint) throws IOException {
        long bytes = 0;
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }
}
