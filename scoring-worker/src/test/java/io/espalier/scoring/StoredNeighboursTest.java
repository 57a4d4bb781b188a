package io.espalier.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.artifacts.ArtifactStore;
import io.espalier.artifacts.ArtifactStores;
import io.espalier.model.engine.Torch;
import io.espalier.model.forward.RangeNeighbours.Crossing;
import io.espalier.worker.task.HandedOn;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredNeighboursTest {
    private static final Crossing ACTIVATION = new Crossing(false, 2, 7);
    private static final Crossing GRADIENT = new Crossing(true, 2, 7);

    /** Time that passes only when somebody waits, or a test says so. */
    private static final class Time implements StoredNeighbours.Clock {
        private final List<Duration> pauses = new ArrayList<>();
        private long now = Duration.ofHours(1).toNanos();

        void work(Duration passed) {
            now += passed.toNanos();
        }

        @Override
        public long nanoTime() {
            return now;
        }

        @Override
        public void pause(long nanos) {
            pauses.add(Duration.ofNanos(nanos));
            now += nanos;
        }
    }

    @TempDir
    Path folder;

    private final Time time = new Time();
    private final List<StoredNeighbours> open = new ArrayList<>();
    private ArtifactStore artifacts;
    private NDManager manager;

    @BeforeEach
    void open() throws IOException {
        artifacts = ArtifactStores.open(folder.resolve("artifacts").toString());
        manager = Torch.newManager(Device.cpu());
    }

    @AfterEach
    void close() throws IOException {
        open.forEach(StoredNeighbours::close);
        manager.close();
        artifacts.close();
    }

    @Test
    void findsWhatANeighbourLeft() throws Exception {
        StoredNeighbours lower = neighbours("work", 4);
        StoredNeighbours upper = neighbours("work", 4);
        assertThat(upper.find(manager, ACTIVATION)).isEmpty();

        leave(lower, ACTIVATION, 1);
        leave(upper, GRADIENT, 2);

        assertThat(values(upper.find(manager, ACTIVATION))).containsExactly(1, 2, 3, 4, 5, 6);
        assertThat(values(lower.find(manager, GRADIENT))).containsExactly(2, 3, 4, 5, 6, 7);
        assertThat(lower.received()).isEqualTo(1);
        assertThat(lower.left()).isEqualTo(1);
    }

    @Test
    void doesNotMeetOtherWorkOrOtherMicroBatches() throws Exception {
        leave(neighbours("work", 4), ACTIVATION, 1);

        assertThat(neighbours("other", 4).find(manager, ACTIVATION)).isEmpty();
        assertThat(neighbours("work", 2).find(manager, ACTIVATION)).isEmpty();
        assertThat(neighbours("work", 4).find(manager, new Crossing(false, 3, 7))).isEmpty();
        assertThat(neighbours("work", 4).find(manager, new Crossing(false, 2, 6))).isEmpty();
    }

    @Test
    void whatWasSweptIsNotThere() throws Exception {
        leave(neighbours("work", 4), ACTIVATION, 1);
        artifacts.collect(Set.of(), Duration.ofSeconds(-1));

        assertThat(neighbours("work", 4).find(manager, ACTIVATION)).isEmpty();
        leave(neighbours("work", 4), ACTIVATION, 1);
        assertThat(neighbours("work", 4).find(manager, ACTIVATION)).isPresent();
    }

    /** What other work left is never taken away, though its numbers be the same. */
    @Test
    void forgetsWhatOnlyThisRangeCouldNeed() throws Exception {
        StoredNeighbours mine = neighbours("work", 4);
        leave(mine, ACTIVATION, 1);
        leave(mine, GRADIENT, 1);
        leave(neighbours("other", 4), ACTIVATION, 1);

        neighbours("work", 4).forget(2, 5, 8);

        assertThat(mine.find(manager, ACTIVATION)).isEmpty();
        assertThat(mine.find(manager, GRADIENT)).as("is for the range below").isPresent();
        assertThat(neighbours("other", 4).find(manager, ACTIVATION)).isPresent();
    }

    @Test
    void waitsFortySecondsWithPausesThatGrow() throws Exception {
        StoredNeighbours waiting = neighbours("work", 4);
        while (waiting.await()) {
            assertThat(waiting.waited()).isLessThanOrEqualTo(Duration.ofSeconds(41));
        }
        assertThat(waiting.waited()).isGreaterThanOrEqualTo(StoredNeighbours.PATIENCE);
        assertThat(time.pauses.getFirst()).isEqualTo(Duration.ofMillis(2));
        assertThat(time.pauses.getLast()).isEqualTo(Duration.ofMillis(500));
        assertThat(time.pauses).as("looks at the store").hasSizeLessThan(200).isSorted();
    }

    @Test
    void aStoreThatCannotBeWrittenFailsTheRange() throws Exception {
        StoredNeighbours lower = new StoredNeighbours(new HandedOn(artifacts, "work"), 4, folder.resolve("missing"),
                time);
        open.add(lower);
        lower.handOn(ACTIVATION, array(1));
        assertThatThrownBy(lower::awaitWritten).hasMessageContaining("nothing can be handed on");
    }

    @Test
    void whoHasWorkedLongWaitsTwiceAsLong() throws Exception {
        StoredNeighbours waiting = neighbours("work", 4);
        time.work(Duration.ofMinutes(5));
        while (waiting.await()) {
            assertThat(waiting.waited()).isLessThanOrEqualTo(Duration.ofMinutes(11));
        }
        assertThat(waiting.waited()).isGreaterThanOrEqualTo(Duration.ofMinutes(10));
    }

    @Test
    void anArrivalBeginsTheWaitingAnew() throws Exception {
        StoredNeighbours waiting = neighbours("work", 4);
        while (waiting.waited().compareTo(Duration.ofSeconds(35)) < 0) {
            assertThat(waiting.await()).isTrue();
        }
        leave(neighbours("work", 4), ACTIVATION, 1);
        assertThat(waiting.find(manager, ACTIVATION)).isPresent();
        int before = time.pauses.size();
        while (waiting.waited().compareTo(Duration.ofSeconds(70)) < 0) {
            assertThat(waiting.await()).isTrue();
        }
        assertThat(time.pauses.get(before)).as("something may follow soon").isEqualTo(Duration.ofMillis(2));
    }

    private StoredNeighbours neighbours(String work, int microBatch) {
        var opened = new StoredNeighbours(new HandedOn(artifacts, work), microBatch, folder, time);
        open.add(opened);
        return opened;
    }

    private void leave(StoredNeighbours from, Crossing crossing, float first) throws InterruptedException {
        from.handOn(crossing, array(first));
        from.awaitWritten();
    }

    private NDArray array(float first) {
        return Torch.ofFloats(manager, new float[]{first, first + 1, first + 2, first + 3, first + 4, first + 5},
                new Shape(1, 2, 3));
    }

    private static float[] values(Optional<NDArray> found) {
        assertThat(found.orElseThrow().getShape()).isEqualTo(new Shape(1, 2, 3));
        return found.orElseThrow().toFloatArray();
    }
}
