package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import io.espalier.report.Report.StageResult;
import java.util.List;

/** Where the time went. */
final class StageTimes {
    private static final List<String> HEAD = List.of("stage", "tasks", "attempts", "queued", "busy", "wall", "tokens/s",
            "peak memory", "");

    private StageTimes() {}

    static Section of(Report report) {
        return new Section("time", "Time", report.stages().isEmpty() ? "" : bars(report) + table(report));
    }

    private static String bars(Report report) {
        Bars bars = new Bars("Wall time of each stage");
        double longest = report.stages().stream().mapToDouble(StageResult::wallSeconds).max().orElse(0);
        report.stages().forEach(stage -> bars.group(stage.stage()).bar(Bars.PLAIN, stage.wallSeconds(),
                Figures.seconds(stage.wallSeconds())));
        return bars.end(longest > 0 ? longest : 1, Double.NaN);
    }

    private static String table(Report report) {
        Table table = new Table("Time of each stage", HEAD);
        for (StageResult s : report.stages()) {
            String note = (s.fromCache() ? "from cache. " : "") + (s.note() == null ? "" : s.note());
            table.row(s.stage(), List.of(Integer.toString(s.tasks()), Integer.toString(s.attempts()),
                    Figures.seconds(s.queuedSeconds()), Figures.seconds(s.busySeconds()),
                    Figures.seconds(s.wallSeconds()),
                    s.tokensPerSecond() == null ? "" : Figures.significant(s.tokensPerSecond()),
                    s.peakMemoryBytes() == null ? "" : Figures.bytes(s.peakMemoryBytes()), note));
        }
        return table.end();
    }
}
