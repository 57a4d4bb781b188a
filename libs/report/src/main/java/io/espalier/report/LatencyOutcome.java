package io.espalier.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * How a target in time was met: what the plan should take by a cost model of timed variants, and what it takes.
 *
 * @param phase           prefill or decode
 * @param relative        whether the request says a share of the original's time; otherwise milliseconds
 * @param targetMillis    what the plan was made for
 * @param targetShare     the same as a share of the original's predicted time
 * @param originalMillis  the original's time by the cost model
 * @param predictedMillis the pruned model's
 * @param device          on which variants were timed
 * @param promptTokens    of the prefill
 * @param rounds          repetitions of each variant
 * @param reached         measured on the result; null before that
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LatencyOutcome(String phase, boolean relative, double targetMillis, double targetShare,
        double originalMillis, double predictedMillis, double predictedShare, String device, int threads,
        int promptTokens, int rounds, Model model, List<Variant> variants, Reached reached) {
    public LatencyOutcome {
        variants = List.copyOf(variants);
    }

    /**
     * Milliseconds of each part of the model.
     *
     * @param base         embedding, last norm and head
     * @param layer        each layer, whatever its widths
     * @param kvGroup      each key-value head with its query heads
     * @param channel      each MLP channel
     * @param largestError of the variants, between fitted and measured, as a share of the measured time
     */
    public record Model(double base, double layer, double kvGroup, double channel, double largestError) {}

    /**
     * @param kvGroups  of all layers together
     * @param channels  likewise
     * @param millis    median
     * @param quartiles the first and the third
     */
    public record Variant(int layers, double kvGroups, double channels, double millis, double fittedMillis,
            List<Double> quartiles) {
        public Variant {
            quartiles = List.copyOf(quartiles);
        }
    }

    /**
     * Original and pruned model, timed in turns in one process.
     *
     * @param share of the original's time
     * @param met   whether that is within the target
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Reached(double originalMillis, double millis, List<Double> quartiles, double share, boolean met) {}

    /** Target, prediction and measurement in one line. */
    public String sentence() {
        String target = relative
                ? Figures.percent(targetShare) + " of the original's"
                : Figures.significant(targetMillis) + " ms";
        String predicted = Figures.percent(predictedShare) + " (" + Figures.significant(predictedMillis) + " ms)";
        return phase + ": target " + target + ", predicted " + predicted + ", reached " + (reached == null
                ? "not measured yet"
                : reachedText());
    }

    private String reachedText() {
        String spread = reached.quartiles() == null
                ? ""
                : "; half of the runs between " + Figures.significant(reached.quartiles().getFirst()) + " and "
                        + Figures.significant(reached.quartiles().getLast()) + " ms";
        return Figures.percent(reached.share()) + " (" + Figures.significant(reached.millis()) + " ms" + spread + ")"
                + (reached.met() ? "" : ": more than the target");
    }
}
