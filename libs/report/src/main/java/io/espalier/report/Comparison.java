package io.espalier.report;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The before/after table: one row per figure, one column per model; every column after the first also tells the change
 * against it. The command line, the page, report.html and the model card print this same table.
 */
public record Comparison(List<String> subjects, List<Row> rows) {
    /** Below it the process's own pages decide what is measured, and a change in percent would mean nothing. */
    private static final double PAGE_NOISE = 100e6;

    /** @param cells one per subject; empty where it was not measured */
    public record Row(String label, List<String> cells) {
        public Row {
            cells = List.copyOf(cells);
        }
    }

    public Comparison {
        subjects = List.copyOf(subjects);
        rows = List.copyOf(rows);
    }

    public static Comparison of(Report report) {
        List<String> subjects = report.subjects();
        List<Report.ModelResult> models = subjects.stream().map(report.models()::get).toList();
        List<Row> rows = new ArrayList<>();
        add(rows, "parameters", models, m -> toDouble(m.parameters()), (v, c) -> Figures.count(v.longValue()) + c);
        add(rows, "weights", models, m -> toDouble(m.bytes()), (v, c) -> Figures.bytes(v.longValue()) + c);
        add(rows, "MACs at 1x64", models, m -> toDouble(m.macs64()), (v, c) -> Figures.scaled(v) + c);
        for (String name : names(models, m -> m.perplexity().keySet())) {
            add(rows, "perplexity " + name, models, m -> m.perplexity().get(name),
                    (v, c) -> Figures.significant(v) + c);
        }
        for (String name : names(models, m -> m.fidelity().keySet())) {
            add(rows, "KL from original " + name, models, m -> fidelity(m, name, Report.Fidelity::kl),
                    (v, c) -> decimals(v));
            add(rows, "same top token " + name, models, m -> fidelity(m, name, Report.Fidelity::top1),
                    (v, c) -> Figures.percent(v));
        }
        for (String name : names(models, m -> m.tasks().keySet())) {
            addTask(rows, name, models);
        }
        add(rows, "mean of tasks acc", models, m -> m.mean() == null ? null : m.mean().acc(), (v, c) -> decimals(v));
        add(rows, "mean of tasks acc_norm", models, m -> m.mean() == null ? null : m.mean().accNorm(),
                (v, c) -> decimals(v));
        addTime(rows, "prefill", models, Report.Cost::prefillMillis, Report.Cost::prefillStandardError);
        addTime(rows, "decode per token", models, Report.Cost::decodeMillisPerToken, Report.Cost::decodeStandardError);
        addPredicted(rows, report);
        add(rows, "peak memory", models, m -> toDouble(m.cost() == null ? null : m.cost().peakMemoryBytes()),
                (v, c) -> Figures.bytes(v.longValue()) + (v < PAGE_NOISE ? "" : c));
        return new Comparison(subjects, rows);
    }

    /**
     * The results of several jobs: the original of the first, then the model that each job ended with; changes are against
     * each job's own original.
     */
    public static Comparison ofResults(List<Report> reports) {
        List<String> head = new ArrayList<>(List.of("original"));
        Map<String, List<String>> rows = new HashMap<>();
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < reports.size(); i++) {
            Report report = reports.get(i);
            head.add(report.job().name() == null ? report.job().id() : report.job().name());
            Comparison own = of(report);
            int original = own.subjects().indexOf("original");
            int result = own.subjects().indexOf(report.result());
            int at = -1;
            for (Row row : own.rows()) { // a figure that only later jobs have stands where they have it
                at = labels.contains(row.label()) ? labels.indexOf(row.label()) : at + 1;
                if (!rows.containsKey(row.label())) {
                    labels.add(at, row.label());
                }
                List<String> cells = rows.computeIfAbsent(row.label(), _ -> new ArrayList<>(Collections.nCopies(reports
                        .size() + 1, "")));
                if (i == 0 && original >= 0) {
                    cells.set(0, row.cells().get(original));
                }
                if (result >= 0) {
                    cells.set(i + 1, row.cells().get(result));
                }
            }
        }
        return new Comparison(head, labels.stream().map(label -> new Row(label, rows.get(label))).toList());
    }

    /** What a cost model said, below what was measured. */
    private static void addPredicted(List<Row> rows, Report report) {
        LatencyOutcome latency = report.plan() == null ? null : report.plan().latency();
        if (latency != null) {
            String change = " (" + Figures.change(latency.originalMillis(), latency.predictedMillis()) + ")";
            rows.add(new Row(latency.phase() + " predicted", report.subjects().stream().map(subject -> subject.equals(
                    "original")
                            ? Figures.significant(latency.originalMillis()) + " ms"
                            : Figures.significant(latency.predictedMillis()) + " ms" + change)
                    .toList()));
        }
    }

    /** A change is told to be noise where it is within two standard errors. */
    private static void addTime(List<Row> rows, String label, List<Report.ModelResult> models,
            Function<Report.Cost, Double> millis, Function<Report.Cost, Double> error) {
        Report.ModelResult base = models.isEmpty() ? null : models.getFirst();
        add(rows, label, models, m -> cost(m, millis), m -> {
            Double ofBase = base == null ? null : cost(base, error);
            Double own = cost(m, error);
            return ofBase != null && own != null
                    && Math.abs(cost(m, millis) - cost(base, millis)) <= 2 * Math.hypot(ofBase, own);
        }, (v, c) -> Figures.significant(v) + " ms" + c);
    }

    private static void addTask(List<Row> rows, String name, List<Report.ModelResult> models) {
        add(rows, name + " acc", models, m -> task(m, name, Report.TaskResult::acc), (v, c) -> decimals(v));
        add(rows, name + " acc_norm", models, m -> task(m, name, Report.TaskResult::accNorm), (v, c) -> decimals(v));
        add(rows, name + " word perplexity", models, m -> task(m, name, Report.TaskResult::wordPerplexity),
                (v, c) -> Figures.significant(v) + c);
        add(rows, name + " bits per byte", models, m -> task(m, name, Report.TaskResult::bitsPerByte),
                (v, c) -> decimals(v) + c);
    }

    private static void add(List<Row> rows, String label, List<Report.ModelResult> models,
            Function<Report.ModelResult, Double> figure, BiFunction<Double, String, String> text) {
        add(rows, label, models, figure, m -> false, text);
    }

    private static void add(List<Row> rows, String label, List<Report.ModelResult> models,
            Function<Report.ModelResult, Double> figure, Predicate<Report.ModelResult> isNoise,
            BiFunction<Double, String, String> text) {
        List<Double> values = new ArrayList<>();
        models.forEach(model -> values.add(figure.apply(model)));
        Double base = values.isEmpty() ? null : values.getFirst();
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            Double value = values.get(i);
            String change = i == 0 || base == null || value == null ? "" : Figures.change(base, value);
            String noise = isNoise.test(models.get(i)) ? ", within noise" : "";
            cells.add(value == null ? "" : text.apply(value, change.isEmpty() ? "" : " (" + change + noise + ")"));
        }
        if (values.stream().anyMatch(v -> v != null)) {
            rows.add(new Row(label, cells));
        }
    }

    private static String decimals(double value) {
        return String.format(java.util.Locale.ROOT, "%.4f", value);
    }

    private static TreeSet<String> names(List<Report.ModelResult> models,
            Function<Report.ModelResult, java.util.Set<String>> names) {
        return models.stream().flatMap(m -> names.apply(m).stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Double task(Report.ModelResult model, String name, Function<Report.TaskResult, Double> figure) {
        Report.TaskResult task = model.tasks().get(name);
        return task == null ? null : figure.apply(task);
    }

    private static Double fidelity(Report.ModelResult model, String name, Function<Report.Fidelity, Double> figure) {
        Report.Fidelity fidelity = model.fidelity().get(name);
        return fidelity == null ? null : figure.apply(fidelity);
    }

    private static <T> T cost(Report.ModelResult model, Function<Report.Cost, T> figure) {
        return model.cost() == null ? null : figure.apply(model.cost());
    }

    private static Double toDouble(Long value) {
        return value == null ? null : value.doubleValue();
    }
}
