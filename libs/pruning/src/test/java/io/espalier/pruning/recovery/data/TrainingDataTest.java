package io.espalier.pruning.recovery.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.pruning.recovery.LoraSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingDataTest {
    @TempDir
    private Path folder;

    @Test
    void holdsOutWhatWasAskedFor() throws Exception {
        TrainingData data = read(100, settings(5, null));
        assertThat(data.validation()).hasSize(5);
        assertThat(data.train()).hasSize(95).doesNotContainAnyElementsOf(data.validation());
    }

    @Test
    void holdsOutATenthAtMost() throws Exception {
        assertThat(read(40, settings(2000, null)).validation()).hasSize(4);
    }

    @Test
    void readsNoFurtherThanTheStepsNeed() throws Exception {
        TrainingData data = read(100, settings(3, 5));
        assertThat(data.train().size() + data.validation().size()).isEqualTo(3 + 5 * 4);
    }

    @Test
    void hasTheDigestOfItsContents() throws Exception {
        assertThat(read(40, settings(4, null)).digest()).isEqualTo(read(40, settings(4, null)).digest())
                .isNotEqualTo(read(39, settings(4, null)).digest());
    }

    @Test
    void refusesTooLittle() {
        assertThatThrownBy(() -> read(1, settings(1, null))).isInstanceOf(InvalidDataException.class)
                .hasMessageContaining("too few");
    }

    private TrainingData read(int entries, LoraSettings settings) throws Exception {
        String lines = IntStream.range(0, entries)
                .mapToObj(i -> "{\"instruction\": \"i\", \"output\": \"entry " + i + "\"}")
                .collect(Collectors.joining("\n"));
        Path file = Files.writeString(folder.resolve("data.jsonl"), lines);
        return TrainingData.read(file, new CharacterEncoder(), settings, read -> {});
    }

    private static LoraSettings settings(int validation, Integer steps) {
        return new LoraSettings(8, 16, 0, 1e-4, 0, 0, 1, 4, 2, 1, steps, 512, validation, 10, 10, false, 5, 1);
    }
}
