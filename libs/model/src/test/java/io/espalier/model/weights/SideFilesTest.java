package io.espalier.model.weights;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
