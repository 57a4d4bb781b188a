package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.Golden;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.config.Role;
import io.espalier.model.engine.Torch;
import io.espalier.model.weights.RandomCheckpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadAheadTest {
    private static final int LAYERS = 4;

    private final NDManager manager = Torch.newManager(Device.cpu());
    private final List<Integer> loaded = Collections.synchronizedList(new ArrayList<>());
    private final Map<Integer, NDArray> arrays = new ConcurrentHashMap<>();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aPassThereAndBackLoadsWhatItNeedsAndMostOfItAhead() {
        try (ReadAhead ahead = new ReadAhead(Device.cpu(), LAYERS, this::load)) {
            for (int layer : new int[]{0, 1, 2, 3, 3, 2, 1, 0}) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray weight = ahead.block(scope, layer).get(Role.DOWN);
                    assertThat(weight.toFloatArray()).containsExactly(layer, layer);
                    assertThat(weight.getManager()).isSameAs(scope);
                }
            }
        }
        assertThat(loaded).startsWith(0, 1, 2, 3, 3, 2, 1, 0).hasSizeBetween(8, 9); // 9: 0 is followed by 1 again
        assertThat(threads).hasSize(2).contains(Thread.currentThread());
    }

    @Test
    void whatWasReadInVainIsFreed() {
        try (ReadAhead ahead = new ReadAhead(Device.cpu(), LAYERS, this::load)) {
            ahead.block(manager, 0);
            ahead.block(manager, 3);
            assertThat(arrays.keySet()).contains(0, 3);
            assertThat(arrays.containsKey(1) && !arrays.get(1).isReleased()).isFalse();
            ahead.block(manager, 1);
        }
        assertThat(arrays.containsKey(2) && !arrays.get(2).isReleased()).isFalse();
    }

    @Test
    void anErrorAheadIsMetByTheOneWhoAsks() {
        ReadAhead.Loader loader = (target, layer, ticket) -> {
            if (layer == 1) {
                throw new IllegalStateException("layer 1 cannot be read");
            }
            return load(target, layer, ticket);
        };
        try (ReadAhead ahead = new ReadAhead(Device.cpu(), LAYERS, loader)) {
            ahead.block(manager, 0);
            assertThatThrownBy(() -> ahead.block(manager, 1)).hasMessage("layer 1 cannot be read")
                    .satisfies(e -> assertThat(e.getStackTrace()).anyMatch(
                            frame -> frame.getClassName().equals(ReadAheadTest.class.getName())
                                    && frame.getMethodName().contains("anErrorAhead")));
            assertThat(ahead.block(manager, 2).layer()).isEqualTo(2);
        }
    }

    @Test
    void anInterruptionWhileWaitingIsKept() {
        var go = new CountDownLatch(1);
        ReadAhead.Loader loader = (target, layer, ticket) -> {
            if (layer == 1) {
                awaitUninterruptibly(go);
            }
            return load(target, layer, ticket);
        };
        try (ReadAhead ahead = new ReadAhead(Device.cpu(), LAYERS, loader)) {
            ahead.block(manager, 0);
            Thread.currentThread().interrupt();
            Thread.ofPlatform().start(go::countDown);
            assertThat(ahead.block(manager, 1).layer()).isEqualTo(1);
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    /** Stored in bfloat16, so that reading is more than mapping. */
    @Test
    void widenedWeightsGiveTheSameScores(@TempDir Path folder) throws IOException {
        Path source = Files.createDirectories(folder.resolve("source"));
        String config = Files.readString(Golden.model("llama3").resolve("config.json"));
        Files.writeString(source.resolve("config.json"),
                config.replaceAll("\"(torch_)?dtype\": *\"\\w+\"", "\"torch_dtype\": \"bfloat16\""));
        Path bf16 = folder.resolve("model");
        RandomCheckpoint.write(source, bf16, 1);
        ModelConfig written = ModelConfig.read(bf16);
        assertThat(written.bytes()).isEqualTo(2 * written.parameters());
        int[][] tokens = {IntStream.range(1, 33).toArray(), IntStream.range(33, 65).toArray()};

        assertThat(scores(bf16, written.largestLayerParameters() * Float.BYTES, tokens)).isEqualTo(
                scores(bf16, 0, tokens));
    }

    private static List<List<Float>> scores(Path folder, long residentBytes, int[][] tokens) {
        try (Model model = Model.open(folder, Device.cpu(), residentBytes)) {
            assertThat(model.isResident()).isFalse();
            try (NDManager scope = model.newScope()) {
                model.block(scope, 0);
                assertThat(model.isComing(1)).isEqualTo(residentBytes > 0);
            }
            return new Streamer(model).scores(MicroBatches.of(tokens, 1), ForwardVisitor.NONE).stream()
                    .map(s -> IntStream.range(0, s.logProbability().length)
                            .mapToObj(i -> (float) s.logProbability()[i]).toList())
                    .toList();
        }
    }

    private BlockWeights load(NDManager target, int layer, ReadAhead.Ticket ticket) {
        threads.add(Thread.currentThread());
        loaded.add(layer);
        NDArray array = target.create(new float[]{layer, layer});
        arrays.put(layer, array);
        return new BlockWeights(layer, null, Map.of(Role.DOWN, array));
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError("the loading thread is nobody's to interrupt", e);
        }
    }
}
