package io.espalier.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HellaSwagTest {
    @Test
    void cleansOnceFromLeftToRight() {
        assertThat(HellaSwag.clean(" [header] How to [title] Go. [step]  Walk\u2028[x\u2028y]")).isEqualTo(
                " How to. Go.  Walk\u2028");
    }
}
