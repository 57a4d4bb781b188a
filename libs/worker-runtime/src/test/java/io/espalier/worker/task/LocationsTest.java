package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocationsTest {
    @Test
    void readsPathsAndFileUris(@TempDir Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve("a text.txt"), "x");
        assertThat(Locations.existing("calibration.text", file.toString())).isEqualTo(file);
        assertThat(Locations.existing("calibration.text", file.toUri().toString())).isEqualTo(file);
    }

    @Test
    void namesTheKeyOfWhatIsMissing(@TempDir Path folder) {
        assertThatThrownBy(() -> Locations.existing("recovery.lora.data", folder.resolve("none").toString()))
                .isInstanceOf(PermanentFailureException.class).hasMessageStartingWith("recovery.lora.data: ");
        assertThatThrownBy(() -> Locations.path("model", "file://host/x")).isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("'file://host/x'");
    }
}
