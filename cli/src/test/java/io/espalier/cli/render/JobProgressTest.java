package io.espalier.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.cli.Jobs;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.State;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
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
        assertThat(lines.get(1).indexOf('%')).as("bars of one width").isEqualTo(lines.get(2).indexOf('%'));
    }

    private static JobsProgress progress(Screen screen, String... ids) {
        return new JobsProgress(screen, List.of(ids));
    }

    @Test
    void severalJobsHaveALineEachAndASum() {
        JobsProgress progress = progress(new Screen(out, true, false, 50), "a", "b", "c");
        progress.show(Jobs.ended("b", State.FAILED));
        progress.show(Jobs.running("a"));

        assertThat(progress.lines()).hasSize(3).allSatisfy(line -> assertThat(line.length()).isLessThan(50));
        assertThat(progress.lines().get(0)).as("in the order asked for").startsWith("a ").contains("█", "40 %",
                "score");
        assertThat(progress.lines().get(1)).startsWith("b ").contains("failed");
        assertThat(progress.lines().get(2)).isEqualTo("1 of 3 jobs have ended");
        assertThat(progress.lines().get(0).indexOf('%')).as("bars of one width").isEqualTo(progress.lines().get(1)
                .indexOf('%'));
        assertThat(JobsProgress.shortened("stories-sweep-1-vkylmz", 14)).isEqualTo("storie…-vkylmz");
    }

    @Test
    void ofMoreJobsThanFitTheUnfinishedAreShown() {
        List<String> ids = IntStream.range(0, 30).mapToObj(i -> "job-" + i).toList();
        JobsProgress progress = new JobsProgress(new Screen(out, true, false, 80), ids);
        ids.forEach(id -> progress.show(id.equals("job-29") ? Jobs.running(id) : Jobs.ended(id, State.SUCCEEDED)));

        assertThat(progress.lines()).hasSize(21).first().asString().startsWith("job-29 ");
        assertThat(progress.lines().getLast()).isEqualTo("29 of 30 jobs have ended, 10 are not shown");
    }

    @Test
    void drawsOverWhatItDrew() {
        Screen screen = new Screen(out, true, false, 80);
        JobSnapshot job = Jobs.running("stories-1");

        JobsProgress shown = progress(screen, "stories-1");
        shown.show(job);
        shown.show(job);

        assertThat(written.toString()).contains("\u001B[3A");
    }

    @Test
    void isSilentWithoutATerminalInContinuousIntegrationAndWhenQuiet() {
        progress(Screen.of(out, Map.of(), false), "a").show(Jobs.running("a"));
        System.setProperty("espalier.terminal", "true");
        progress(Screen.of(out, Map.of("CI", "true"), false), "a").show(Jobs.running("a"));
        progress(Screen.of(out, Map.of(), true), "a").show(Jobs.running("a"));
        assertThat(written.toString()).isEmpty();

        progress(Screen.of(out, Map.of("NO_COLOR", "1"), false), "a").show(Jobs.running("a"));
        assertThat(written.toString()).isNotEmpty().doesNotContain("\u001B[32m");
    }
}
