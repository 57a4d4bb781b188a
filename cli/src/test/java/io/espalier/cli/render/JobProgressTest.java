package io.espalier.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.cli.Jobs;
import io.espalier.protocol.message.JobSnapshot;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class JobProgressTest {
    private final StringWriter written = new StringWriter();
    private final PrintWriter out = new PrintWriter(written);

    @AfterEach
    void forgetTerminal() {
        System.clearProperty("espalier.terminal");
    }

    @Test
    void drawsBarsInEighths() {
        assertThat(JobProgress.bar(0, 4)).isEqualTo("····");
        assertThat(JobProgress.bar(0.5, 4)).isEqualTo("██··");
        assertThat(JobProgress.bar(0.53125, 4)).isEqualTo("██▏·");
        assertThat(JobProgress.bar(1, 4)).isEqualTo("████");
        assertThat(JobProgress.bar(7, 2)).isEqualTo("██");
        assertThat(JobProgress.bar(Double.NaN, 2)).isEqualTo("··");
    }

    @Test
    void showsOneLinePerStageNoWiderThanTheScreen() {
        JobProgress progress = new JobProgress(new Screen(out, true, false, 50));

        var lines = progress.lines(Jobs.running("stories-1"));

        assertThat(lines).hasSize(3).allSatisfy(line -> assertThat(line.length()).isLessThan(50));
        assertThat(lines.get(0)).contains("stories-1", "running", "40 %");
        assertThat(lines.get(1)).startsWith("prepare").contains("█", "1/1");
        assertThat(lines.get(2)).startsWith("score").contains("25 %", "1/4");
    }

    @Test
    void drawsOverWhatItDrew() {
        Screen screen = new Screen(out, true, false, 80);
        JobSnapshot job = Jobs.running("stories-1");

        new JobProgress(screen).show(job);
        new JobProgress(screen).show(job);

        assertThat(written.toString()).contains("\u001B[3A");
    }

    @Test
    void isSilentWithoutATerminalInContinuousIntegrationAndWhenQuiet() {
        new JobProgress(Screen.of(out, Map.of(), false)).show(Jobs.running("a"));
        System.setProperty("espalier.terminal", "true");
        new JobProgress(Screen.of(out, Map.of("CI", "true"), false)).show(Jobs.running("a"));
        new JobProgress(Screen.of(out, Map.of(), true)).show(Jobs.running("a"));
        assertThat(written.toString()).isEmpty();

        new JobProgress(Screen.of(out, Map.of("NO_COLOR", "1"), false)).show(Jobs.running("a"));
        assertThat(written.toString()).isNotEmpty().doesNotContain("\u001B[32m");
    }
}
