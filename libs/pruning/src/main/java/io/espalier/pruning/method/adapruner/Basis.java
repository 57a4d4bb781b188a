package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.group.UnitType;
import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/**
 * The four metrics of one layer's units of a type, on one subset of the pool [D: the paper is known from its abstract and
 * summaries only]. For a group with members W, sums over weights k, samples i:
 *
 * <pre>
 * c1 = sum_W |sum_k g_k w_k|                    coarse, first order    (LLM-Pruner's vectorize)
 * c2 = sum_W sum_k |g_k w_k|                    fine, first order      (param_first)
 * c3 = sum_W 1/2 sum_k F_kk w_k^2               fine, second order     (param_second / 2)
 * c4 = sum_W 1/2 mean_i (sum_k g_ik w_k)^2      coarse, second order
 * </pre>
 *
 * c2 is relaxed to {@code mean_i sum_k |g_ik w_k|}: then all four are sums over samples of cached rows, and a trial
 * needs no backward pass.
 *
 * @param metrics [4][units]
 */
record Basis(double[][] metrics) {
    static final int COUNT = 4;

    /** Reduces a group's members. */
    enum Reduction {
        SUM, MEAN, MAX, PROD;

        double apply(double[] members) {
            return switch (this) {
                case SUM -> Arrays.stream(members).sum();
                case MEAN -> Arrays.stream(members).average().orElse(0);
                case MAX -> Arrays.stream(members).max().orElse(0);
                case PROD -> Arrays.stream(members).reduce(1, (a, b) -> a * b);
            };
        }
    }

    static Basis of(PoolRows rows, int[] subset, int layer, UnitType type, int units, Reduction reduction) {
        int members = PoolRows.members(type).size();
        double[][][] perMember = new double[members][][];
        for (int member = 0; member < members; member++) {
            perMember[member] = member(rows, subset, layer, type, member, units);
        }
        double[][] metrics = new double[COUNT][units];
        for (int metric = 0; metric < COUNT; metric++) {
            for (int unit = 0; unit < units; unit++) {
                int m = metric;
                int u = unit;
                metrics[metric][unit] = reduction.apply(values(members, member -> perMember[member][m][u]));
            }
        }
        return new Basis(metrics);
    }

    /** [4][units] of one member. */
    private static double[][] member(PoolRows rows, int[] subset, int layer, UnitType type, int member, int units) {
        double[][] metrics = new double[COUNT][units];
        double[] signed = new double[0];
        double[] squared = new double[0];
        for (int sample : subset) {
            double[] sums = rows.signed(sample, layer, type, member);
            double[] absolute = rows.absolute(sample, layer, type, member);
            double[] squares = rows.squares(sample, layer, type, member);
            if (signed.length == 0) {
                signed = new double[sums.length];
                squared = new double[sums.length];
            }
            for (int channel = 0; channel < sums.length; channel++) {
                signed[channel] += sums[channel];
                squared[channel] += sums[channel] * sums[channel];
            }
            for (int unit = 0; unit < units; unit++) {
                metrics[1][unit] += absolute[unit] / subset.length;
                metrics[2][unit] += squares[unit] / subset.length / 2;
            }
        }
        int width = signed.length / units;
        for (int channel = 0; channel < signed.length; channel++) {
            metrics[0][channel / width] += Math.abs(signed[channel]) / subset.length;
            metrics[3][channel / width] += squared[channel] / subset.length / 2;
        }
        return metrics;
    }

    private static double[] values(int count, IntToDoubleFunction value) {
        double[] values = new double[count];
        Arrays.setAll(values, value);
        return values;
    }
}
