package io.espalier.cli.render;

import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.JobSnapshot.Stage;
import io.espalier.report.Figures;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Jobs as tables. */
public final class JobView {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")
            .withZone(ZoneId.systemDefault());

    private JobView() {}

    public static String list(List<JobSnapshot> jobs) {
        if (jobs.isEmpty()) {
            return "no jobs\n";
        }
        TextTable table = TextTable.ofWords(List.of("JOB", "NAME", "STATE", "DONE", "LEFT", "SUBMITTED"));
        for (JobSnapshot job : jobs) {
            table.row(List.of(job.id().value(), orEmpty(job.name()), label(job.state()), percent(job.progress()),
                    Left.of(job.estimate()).replace(" left", ""), TIME.format(job.submittedAt())));
        }
        return table.toString();
    }

    /** One job with its stages. */
    public static String details(JobSnapshot job) {
        TextTable head = TextTable.ofWords(List.of("job", job.id().value()));
        if (job.name() != null) {
            head.row(List.of("name", job.name()));
        }
        head.row(List.of("state", label(job.state()) + ", " + percent(job.progress())));
        String left = Left.of(job.estimate());
        if (!left.isEmpty()) {
            head.row(List.of("left", left.replace(" left", "")));
        }
        head.row(List.of("model", job.request().model()));
        head.row(List.of("method", job.request().method().name()));
        head.row(List.of("output", job.request().output().location()));
        head.row(List.of("submitted", TIME.format(job.submittedAt())));
        if (job.endedAt() != null) {
            head.row(List.of("ended", TIME.format(job.endedAt())));
        }
        if (!job.request().labels().isEmpty()) {
            head.row(List.of("labels", labels(job.request().labels())));
        }
        head.row(List.of("priority", Integer.toString(job.request().priority())));
        if (job.queue() != null) {
            head.row(List.of("queue", queue(job.queue())));
        }
        TextTable stages = TextTable
                .ofWords(List.of("STAGE", "STATE", "DONE", "TASKS", "ATTEMPTS", "WALL", "BUSY", "CACHE"));
        job.stages().forEach(stage -> stages.row(row(stage)));
        StringBuilder notes = new StringBuilder();
        job.stages().stream().filter(stage -> stage.note() != null)
                .forEach(stage -> notes.append(label(stage.stage())).append(": ").append(stage.note()).append('\n'));
        return head + "\n" + stages + notes + error(job);
    }

    private static String labels(Map<String, String> labels) {
        return new TreeMap<>(labels).entrySet().stream().map(label -> label.getKey() + "=" + label.getValue())
                .collect(Collectors.joining(", "));
    }

    /** {@code number 3 for eval workers, 12 tasks ahead, starts about 2026-01-01 12:00:00}. */
    private static String queue(JobSnapshot.Queue queue) {
        return "number " + queue.position() + " for " + queue.kind().label() + " workers, " + queue.tasksAhead()
                + " tasks ahead, " + (queue.estimatedStart() == null
                        ? "start unknown"
                        : "starts about " + TIME.format(queue.estimatedStart()));
    }

    /** Why a job failed; empty if it did not. */
    public static String error(JobSnapshot job) {
        if (job.error() == null) {
            return "";
        }
        String where = job.error().stage() == null ? "" : " in " + label(job.error().stage());
        return "job " + job.id() + " failed" + where + ": " + job.error().message() + "\n";
    }

    private static List<String> row(Stage stage) {
        return List.of(label(stage.stage()) + (stage.step() > 1 ? " " + stage.step() : ""), label(stage.state()),
                percent(stage.progress()), stage.done() + "/" + stage.tasks(), Integer.toString(stage.attempts()),
                Figures.seconds(stage.wallSeconds()), Figures.seconds(stage.busySeconds()),
                stage.fromCache() ? "yes" : "");
    }

    private static String percent(double ratio) {
        return Math.round(ratio * 100) + " %";
    }

    private static String label(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }
}
