package io.espalier.worker.task;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class CodeVersionTest {
    @Test
    void isADigestThatDoesNotChangeByItself() throws IOException {
        assertThat(CodeVersion.current()).matches("[0-9a-f]{64}").isEqualTo(CodeVersion.current());
    }
}
