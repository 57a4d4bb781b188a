package io.espalier.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void alignsFiguresToTheRight() {
        assertThat(TextTable.ofFigures(List.of("", "original", "pruned")).row(List.of("parameters", "260,032", "9"))
                .row(List.of("ppl", "4.33", "")).toString()).isEqualTo("""
                                    original  pruned
                        parameters   260,032       9
                        ppl             4.33
                        """);
    }

    @Test
    void alignsWordsToTheLeftAndLeavesNoTrailingBlanks() {
        assertThat(TextTable.ofWords(List.of("JOB", "STATE")).row(List.of("a-long-id", "running")).toString())
                .isEqualTo("""
                        JOB        STATE
                        a-long-id  running
                        """);
    }
}
