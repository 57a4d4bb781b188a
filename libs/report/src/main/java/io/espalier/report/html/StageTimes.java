package io.espalier.report.html;

import io.espalier.report.Figures;
import io.espalier.report.Report;
import io.espalier.report.Report.StageResult;
import java.util.List;
import java.util.stream.Stream;

/** Where the time went. */
final class StageTimes {
    private static final List<String> HEAD = List.of("stage", "tasks", "attempts", "queued", "busy", "wall", "tokens/s",
            "peak memory");

    private StageTimes() {}

    static Section of(Report report) {
        List<StageResult> begun = report.stages().stream().filter(stage -> stage.tasks() > 0 || stage.wallSeconds() > 0)
                .toList();
        return new Section("time", "Time", begun.isEmpty() ? "" : bars(begun) + table(begun));
    }

    private static String bars(List<StageResult> stages) {
        Bars bars = new Bars("Wall time of each stage");
        double longest = stages.stream().mapToDouble(StageResult::wallSeconds).max().orElse(0);
        stages.forEach(stage -> bars.group(stage.stage()).bar(Bars.PLAIN, stage.wallSeconds(),
                Figures.seconds(stage.wallSeconds())));
        return bars.end(longest > 0 ? longest : 1, Double.NaN);
    }

    private static String table(List<StageResult> stages) {
        boolean noted = stages.stream().anyMatch(stage -> !note(stage).isEmpty());
        Table table = new Table("Time of each stage", noted ? with(HEAD, "") : HEAD);
        for (StageResult s : stages) {
            List<String> cells = List.of(Integer.toString(s.tasks()), Integer.toString(s.attempts()),
                    Figures.seconds(s.queuedSeconds()), Figures.seconds(s.busySeconds()),
                    Figures.seconds(s.wallSeconds()),
                    s.tokensPerSecond() == null ? "" : Figures.significant(s.tokensPerSecond()),
                    s.peakMemoryBytes() == null ? "" : Figures.bytes(s.peakMemoryBytes()));
            table.row(s.stage(), noted ? with(cells, note(s)) : cells);
        }
        return table.end();
    }

    private static List<String> with(List<String> cells, String last) {
        return Stream.concat(cells.stream(), Stream.of(last)).toList();
    }

    private static String note(StageResult stage) {
        return (stage.fromCache() ? "from cache. " : "") + (stage.note() == null ? "" : stage.note());
    }
}
