package io.espalier.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scripts that no other test runs can at least be read by bash. */
class ScriptsTest {
    @ParameterizedTest
    @ValueSource(strings = {".ci/run", "deploy/images/build", "deploy/images/try", "deploy/interop/run.sh",
        "tools/logits", "tools/random-model"})
    void isValidBash(String script) throws Exception {
        Path file = Path.of("..").resolve(script);
        assertThat(file).isExecutable();
        assertThat(new ProcessBuilder("bash", "-n", file.toString()).inheritIO().start().waitFor()).isZero();
    }
}
