package io.espalier.cli.render;

import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.Stage;
import io.espalier.protocol.message.JobSnapshot.StageState;
import io.espalier.report.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A job as lines for a terminal: one bar per stage. */
final class JobProgress {
    private static final int LABEL = 10;
    /** {@code 100 %  12/12  1 min 20 s  from cache} fits; a worker's message gets what is left. */
    private static final int DETAIL = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";
    private static final String DIM = "2";
    private static final String PLAIN = "0";
    private static final String RED = "31";
    private static final String GREEN = "32";

    private final Screen screen;

    JobProgress(Screen screen) {
        this.screen = screen;
    }

    List<String> lines(JobSnapshot job) {
        List<String> lines = new ArrayList<>();
        String name = job.name() == null ? "" : " (" + job.name() + ")";
        lines.add(cut(job.id() + name + "  " + job.state().name().toLowerCase(Locale.ROOT) + "  "
                + Math.round(job.progress() * 100) + " %" + left(job)));
        job.stages().forEach(stage -> lines.add(line(stage)));
        return lines;
    }

    private static String left(JobSnapshot job) {
        String left = Left.of(job.estimate());
        return left.isEmpty() ? "" : "  " + left;
    }

    private String line(Stage stage) {
        String label = stage.stage().name().toLowerCase(Locale.ROOT);
        if (stage.step() > 1) {
            label += " " + stage.step();
        }
        String text = detail(stage);
        int width = Math.clamp(screen.columns() - LABEL - DETAIL, 5, 40); // one width, or nothing could be compared
        String bar = bar(stage.state() == StageState.DONE ? 1 : stage.progress(), width);
        String colour = switch (stage.state()) {
            case WAITING -> DIM;
            case RUNNING -> PLAIN;
            case DONE -> GREEN;
        };
        return String.format("%-" + LABEL + "s ", label) + screen.colour(colour, bar) + " " + cut(text, screen.columns()
                - LABEL - width - 3);
    }

    private static String detail(Stage stage) {
        if (stage.state() == StageState.WAITING) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        text.append(String.format("%3d %%  %d/%d", Math.round(stage.progress() * 100), stage.done(), stage.tasks()));
        text.append("  ").append(Figures.seconds(stage.wallSeconds()));
        if (stage.fromCache() && stage.state() == StageState.DONE) {
            text.append("  from cache");
        }
        if (stage.state() == StageState.RUNNING) {
            stage.running().stream().map(JobSnapshot.Attempt::message).filter(m -> m != null).findFirst()
                    .ifPresent(message -> text.append("  ").append(message));
        }
        return text.toString();
    }

    static String bar(double ratio, int width) {
        double clamped = Double.isFinite(ratio) ? Math.clamp(ratio, 0, 1) : 0;
        int eighths = (int) Math.round(clamped * width * 8);
        StringBuilder bar = new StringBuilder("█".repeat(eighths / 8));
        if (eighths % 8 > 0) {
            bar.append(EIGHTHS.charAt(eighths % 8));
        }
        return bar.append("·".repeat(width - bar.length())).toString();
    }

    static String colour(JobSnapshot.State state) {
        return switch (state) {
            case RUNNING -> PLAIN;
            case SUCCEEDED -> GREEN;
            case FAILED -> RED;
            case PAUSED, CANCELLED -> DIM;
        };
    }

    String cut(String line) {
        return cut(line, screen.columns() - 1);
    }

    static String cut(String line, int width) {
        if (line.length() <= width) {
            return line;
        }
        return width < 1 ? "" : line.substring(0, width - 1) + "…";
    }
}
