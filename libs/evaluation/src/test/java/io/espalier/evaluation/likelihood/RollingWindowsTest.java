package io.espalier.evaluation.likelihood;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Expectations are what the harness's own functions answer for five positions. */
class RollingWindowsTest {
    @Test
    void predictsEachTokenOnce() {
        List<Span> spans = RollingWindows.of(new int[]{1, 2, 3, 4, 5, 6, 7}, 0, 5);

        assertThat(spans).extracting(Span::tokens).containsExactly(new int[]{0, 1, 2, 3, 4, 5}, new int[]{2, 3, 4, 5,
            6, 7});
        assertThat(spans).extracting(Span::targets).containsExactly(5, 2);
    }

    @Test
    void takesAShortTextAsOne() {
        assertThat(RollingWindows.of(new int[]{1, 2}, 0, 5)).extracting(Span::tokens).containsExactly(new int[]{0, 1,
            2});
        assertThat(RollingWindows.of(new int[0], 0, 5)).isEmpty();
    }
}
