package io.espalier.report.html;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.report.Figures;
import io.espalier.report.Report;
import java.util.ArrayList;
import java.util.List;

/** How the recovery went: the verdict, training and validation loss over optimizer steps. */
final class LossCurve {
    private LossCurve() {}

    static Section of(Report report) {
        Report.Recovery recovery = report.recovery();
        return new Section("recovery", "Recovery", recovery == null
                ? ""
                : "<p>" + Svg.escape(verdict(recovery)) + "</p>" + draw(recovery.losses()));
    }

    private static String verdict(Report.Recovery recovery) {
        String verdict = recovery.accepted()
                ? "Validation loss improved; the recovered model is the result."
                : "Validation loss did not improve: the result is the pruned model without recovery.";
        return recovery.validationBefore() == null || recovery.validationAfter() == null
                ? verdict
                : verdict + " Validation loss " + Figures.significant(recovery.validationBefore()) + " before, "
                        + Figures.significant(recovery.validationAfter()) + " after.";
    }

    private static String draw(JsonNode losses) {
        List<double[]> training = new ArrayList<>();
        List<double[]> validation = new ArrayList<>();
        if (losses != null) {
            losses.forEach(row -> {
                add(training, row, 1);
                add(validation, row, 2);
            });
        }
        List<double[]> all = new ArrayList<>(training);
        all.addAll(validation);
        if (all.size() < 2) {
            return "";
        }
        Axes axes = Axes.around(all, 60, 24, Svg.WIDTH - 20, 220);
        Svg svg = new Svg(262, "LoRA loss over optimizer steps");
        double next = svg.legend(64, 12, "original", "training");
        svg.legend(next, 12, "recovered", "validation");
        axes.draw(svg, "optimizer step", "loss (nats)");
        axes.polyline(svg, training, "line-train");
        axes.polyline(svg, validation, "line-validation");
        validation.forEach(p -> svg.circle(axes.x(p[0]), axes.y(p[1]), 3, "recovered", "step " + (long) p[0]
                + ": validation loss " + p[1]));
        return svg.framed();
    }

    private static void add(List<double[]> points, JsonNode row, int column) {
        if (row.path(column).isNumber()) {
            points.add(new double[]{row.get(0).doubleValue(), row.get(column).doubleValue()});
        }
    }
}
