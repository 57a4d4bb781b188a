package io.espalier.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Expectations are what CPython 3.11 answers. */
class PythonTextTest {
    @Test
    void capitalizesTheFirstLetterAndLowersTheRest() {
        assertThat(PythonText.capitalize("he SAW Bob")).isEqualTo("He saw bob");
        assertThat(PythonText.capitalize("ßaΣ")).isEqualTo("Ssaς");
        assertThat(PythonText.capitalize("ǆX")).isEqualTo("ǅx");
        assertThat(PythonText.capitalize("")).isEmpty();
    }

    @Test
    void stripsWhatPythonCallsSpace() {
        assertThat(PythonText.strip(" \u00a0\u001cx\u200b\u3000\n")).isEqualTo("x\u200b");
        assertThat(PythonText.stripEnd(" x ")).isEqualTo(" x");
    }

    @Test
    void countsCodePoints() {
        assertThat(PythonText.length("a😀")).isEqualTo(2);
    }
}
