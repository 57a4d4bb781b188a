package io.espalier.report.html;

import io.espalier.report.Report;
import java.util.Locale;
import java.util.TreeSet;

/** Accuracy of each zero-shot task with its standard error, on the whole scale from 0 to 1. */
final class TaskBars {
    private TaskBars() {}

    static Section of(Report report) {
        TreeSet<String> tasks = new TreeSet<>();
        report.models().values().forEach(model -> tasks.addAll(model.tasks().keySet()));
        Bars bars = new Bars("Accuracy of each model, longer is better");
        for (String task : tasks) {
            bars.group(task);
            report.models().forEach((subject, model) -> {
                Report.TaskResult result = model.tasks().get(task);
                if (result != null && result.acc() != null) {
                    bars.bar(subject, result.acc(), text(result), spread(result));
                }
            });
        }
        String svg = bars.end(1, Double.NaN);
        return new Section("tasks", "Zero-shot tasks", svg.isEmpty()
                ? ""
                : svg + "<p class=\"note\">Accuracy from 0 to 1; lines are standard errors, for n rows.</p>");
    }

    private static String text(Report.TaskResult result) {
        return String.format(Locale.ROOT, "%.3f ± %.3f (n %d)", result.acc(), spread(result), result.n());
    }

    /** Unknown for a single row. */
    private static double spread(Report.TaskResult result) {
        return result.accStderr() == null ? 0 : result.accStderr();
    }
}
