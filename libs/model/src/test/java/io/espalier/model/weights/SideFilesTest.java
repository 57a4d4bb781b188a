package io.espalier.model.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SideFilesTest {
    @Test
    void leavesWeightsAndCardsBehind(@TempDir Path from, @TempDir Path to) throws IOException {
        for (String name : List.of("config.json", "tokenizer.model", "merges.txt", "chat_template.jinja", "LICENSE",
                "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "README.md")) {
            Files.writeString(from.resolve(name), name);
        }
        Files.createDirectory(from.resolve("folder.json"));
        SideFiles.copy(from, to);
        try (var copied = Files.list(to)) {
            assertThat(copied).extracting(p -> p.getFileName().toString()).containsExactlyInAnyOrder("config.json",
                    "tokenizer.model", "merges.txt", "chat_template.jinja", "LICENSE");
        }
    }

    /** Artifacts are read-only; config.json of what was made from them is written over, also by users who are not root. */
    @Test
    void copiesOfReadOnlyFilesCanBeWrittenTo(@TempDir Path from, @TempDir Path to) throws IOException {
        Path config = Files.writeString(from.resolve("config.json"), "{}");
        Files.setPosixFilePermissions(config, PosixFilePermissions.fromString("r--r--r--"));
        SideFiles.copy(from, to);
        assertThat(Files.getPosixFilePermissions(to.resolve("config.json"))).contains(PosixFilePermission.OWNER_WRITE);
    }
}
