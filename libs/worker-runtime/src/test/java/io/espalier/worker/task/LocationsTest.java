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
        assertThat(Locations.existing(file.toString(), "calibration.text")).isEqualTo(file);
        assertThat(Locations.existing(file.toUri().toString(), "calibration.text")).isEqualTo(file);
    }

    @Test
    void namesTheKeyOfWhatIsMissing(@TempDir Path folder) {
        assertThatThrownBy(() -> Locations.existing(folder.resolve("none").toString(), "recovery.lora.data"))
                .isInstanceOf(PermanentFailureException.class).hasMessageStartingWith("recovery.lora.data: ");
        assertThatThrownBy(() -> Locations.local("file://host/x")).isInstanceOf(PermanentFailureException.class)
                .hasMessageContaining("'file://host/x'");
    }
}
