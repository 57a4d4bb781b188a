package io.espalier.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.protocol.message.ArtifactRef;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes (here: stores of their own) on one folder at the same time. */
class ConcurrentWritersTest {
    private static final int WRITERS = 4;
    private static final int WRITES = 60;
    private static final int CONTENTS = 12;

    @TempDir
    private Path root;

    @Test
    void writersOfTheSameContentsAndACollectorDoNotHurtEachOther() throws Exception {
        Set<ArtifactRef> written = ConcurrentHashMap.newKeySet();
        var writing = new AtomicBoolean(true);
        try (var threads = Executors.newFixedThreadPool(WRITERS + 1)) {
            Future<?> collector = threads.submit(repeat(writing, () -> {
                try (var store = FileArtifactStore.open(root, ArtifactMeter.NONE)) {
                    return store.collect(Set.of(), Duration.ofMinutes(1));
                }
            }));
            List<Future<Void>> writers = threads
                    .invokeAll(IntStream.range(0, WRITERS).mapToObj(seed -> writer(seed, written)).toList());
            for (Future<Void> writer : writers) {
                writer.get();
            }
            writing.set(false);
            collector.get();
        }
        try (var store = FileArtifactStore.open(root, ArtifactMeter.NONE)) {
            for (ArtifactRef artifact : written) {
                store.file(artifact); // verifies
            }
        }
        assertThat(written).hasSize(CONTENTS);
        try (Stream<Path> left = Files.list(root.resolve("tmp"))) {
            assertThat(left).isEmpty();
        }
    }

    private Callable<Void> writer(int seed, Set<ArtifactRef> written) {
        return () -> {
            var random = new Random(seed);
            try (var store = FileArtifactStore.open(root, ArtifactMeter.NONE)) {
                for (int i = 0; i < WRITES; i++) {
                    ArtifactRef artifact = store.putBytes(content(random.nextInt(CONTENTS)));
                    assertThat(store.file(artifact)).exists();
                    written.add(artifact);
                }
            }
            return null;
        };
    }

    private static byte[] content(int seed) {
        var bytes = new byte[20_000 + seed];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Callable<Void> repeat(AtomicBoolean goOn, Callable<?> action) {
        return () -> {
            while (goOn.get()) {
                action.call();
            }
            return null;
        };
    }

    @Test
    void exactlyOneOfManyFirstEntriesWins() throws Exception {
        try (var threads = Executors.newFixedThreadPool(8)) {
            for (int round = 0; round < 20; round++) {
                String key = "round-" + round;
                List<Callable<byte[]>> racers = new ArrayList<>();
                for (byte racer = 0; racer < 8; racer++) {
                    racers.add(entry(key, racer));
                }
                Set<Byte> seen = ConcurrentHashMap.newKeySet();
                for (Future<byte[]> racer : threads.invokeAll(racers)) {
                    seen.add(racer.get()[0]);
                }
                assertThat(seen).as(key).hasSize(1);
            }
        }
    }

    private Callable<byte[]> entry(String key, byte value) {
        return () -> {
            try (var store = FileArtifactStore.open(root, ArtifactMeter.NONE)) {
                store.putEntry(key, new byte[]{value});
                return store.entry(key).orElseThrow(() -> new IOException("no entry"));
            }
        };
    }

    @Test
    void manyReadersOfOneTreeShareItsView() throws Exception {
        Path folder = Files.createDirectory(root.resolve("model"));
        for (int i = 0; i < 10; i++) {
            Files.write(folder.resolve("shard-" + i), content(i));
        }
        ArtifactRef tree;
        try (var store = FileArtifactStore.open(root.resolve("store"), ArtifactMeter.NONE)) {
            tree = store.putTree(folder);
        }
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Path>> readers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                readers.add(() -> {
                    try (var store = FileArtifactStore.open(root.resolve("store"), ArtifactMeter.NONE)) {
                        return store.tree(tree);
                    }
                });
            }
            for (Future<Path> reader : threads.invokeAll(readers)) {
                assertThat(reader.get().resolve("shard-9")).hasBinaryContent(content(9));
            }
        }
    }
}
