package io.espalier.report.html;

import io.espalier.report.Report;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where it was measured, by which versions, of which inputs. */
final class Surroundings {
    private Surroundings() {}

    static Section of(Report report) {
        Report.Environment environment = report.environment();
        Map<String, String> rows = new TreeMap<>();
        if (environment != null) {
            put(rows, "device", environment.device());
            put(rows, "threads", environment.threads());
            put(rows, "engine", environment.engine());
            put(rows, "version of ", environment.versions());
            put(rows, "digest of ", environment.digests());
        }
        Table table = new Table("Environment", List.of());
        rows.forEach((what, value) -> table.row(what, List.of(value)));
        return new Section("environment", "Environment", table.end());
    }

    private static void put(Map<String, String> rows, String prefix, Map<String, String> values) {
        if (values != null) {
            values.forEach((what, value) -> put(rows, prefix + what, value));
        }
    }

    private static void put(Map<String, String> rows, String what, Object value) {
        if (value != null) {
            rows.put(what, value.toString());
        }
    }
}
