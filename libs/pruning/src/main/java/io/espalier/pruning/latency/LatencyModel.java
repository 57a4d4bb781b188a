package io.espalier.pruning.latency;

import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.LinearSolverFactory_DDRM;
import org.ejml.interfaces.linsol.LinearSolverDense;

/**
 * How long a forward pass takes, from the model's widths: {@code base + layer L + kvGroup G + channel C} milliseconds with
 * the sums {@code L, G, C} of {@link Widths}, no term below 0. Fitted by least squares of the relative errors, because the
 * noise of a time grows with it [D]. Terms that come out below 0 are left out: of all sixteen sets of terms the best whose
 * terms are not negative counts, which is the solution of the non-negative problem.
 *
 * @param base         embedding, last norm and head
 * @param layer        what each layer costs whatever its widths
 * @param kvGroup      one key-value head with its query heads
 * @param channel      one MLP channel
 * @param largestError largest deviation from a measured time, as a share of it
 */
public record LatencyModel(double base, double layer, double kvGroup, double channel, double largestError) {
    private static final int TERMS = 4;
    private static final double SINGULAR = 1e-9;

    /**
     * @throws IllegalArgumentException if there are fewer variants than terms
     */
    public static LatencyModel fit(LatencyTable table, LatencyTable.Phase phase) {
        List<LatencyTable.Variant> variants = table.variants();
        if (variants.size() < TERMS) {
            throw new IllegalArgumentException(variants.size() + " timed variants do not tell " + TERMS
                    + " terms apart");
        }
        LatencyModel best = null;
        double least = Double.POSITIVE_INFINITY;
        for (int set = 1; set < 1 << TERMS; set++) {
            LatencyModel model = solve(variants, phase, set);
            if (model != null && model.isPhysical()) {
                double error = variants.stream().mapToDouble(variant -> Math.pow(model.error(variant, phase), 2)).sum();
                if (error < least) {
                    least = error;
                    best = model;
                }
            }
        }
        if (best == null) {
            throw new IllegalArgumentException("no time grows with any width of the model");
        }
        LatencyModel found = best;
        return new LatencyModel(best.base, best.layer, best.kvGroup, best.channel, variants.stream().mapToDouble(
                variant -> Math.abs(found.error(variant, phase))).max().orElseThrow());
    }

    /** Milliseconds that a model of such widths should take. */
    public double predict(Widths widths) {
        return base + layer * widths.layers() + kvGroup * widths.kvGroups() + channel * widths.channels();
    }

    private boolean isPhysical() {
        return base >= 0 && layer >= 0 && kvGroup >= 0 && channel >= 0;
    }

    private double error(LatencyTable.Variant variant, LatencyTable.Phase phase) {
        return predict(variant.widths()) / variant.of(phase).median() - 1;
    }

    private static double[] counts(Widths widths) {
        return new double[]{1, widths.layers(), widths.kvGroups(), widths.channels()};
    }

    /**
     * Least squares with some of the terms.
     *
     * @param set bit i stands for term i
     * @return null where the variants do not tell these terms apart
     */
    private static LatencyModel solve(List<LatencyTable.Variant> variants, LatencyTable.Phase phase, int set) {
        int[] terms = IntStream.range(0, TERMS).filter(term -> (set >> term & 1) == 1).toArray();
        double[] scale = IntStream.of(terms).mapToDouble(term -> variants.stream().mapToDouble(variant -> counts(variant
                .widths())[term]).max().orElseThrow()).toArray();
        DMatrixRMaj rows = new DMatrixRMaj(variants.size(), terms.length);
        DMatrixRMaj ones = new DMatrixRMaj(variants.size(), 1);
        for (int i = 0; i < variants.size(); i++) {
            double[] counts = counts(variants.get(i).widths());
            for (int j = 0; j < terms.length; j++) {
                rows.set(i, j, counts[terms[j]] / scale[j] / variants.get(i).of(phase).median());
            }
            ones.set(i, 0, 1);
        }
        LinearSolverDense<DMatrixRMaj> solver = LinearSolverFactory_DDRM.qr(variants.size(), terms.length);
        if (!solver.setA(rows) || !(solver.quality() > SINGULAR)) {
            return null;
        }
        DMatrixRMaj solution = new DMatrixRMaj(terms.length, 1);
        solver.solve(ones, solution);
        double[] all = new double[TERMS];
        for (int j = 0; j < terms.length; j++) {
            all[terms[j]] = solution.get(j, 0) / scale[j];
        }
        return new LatencyModel(all[0], all[1], all[2], all[3], Double.NaN);
    }
}
