package io.espalier.pruning.method.adapruner;

import io.espalier.pruning.method.tpe.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a trial decides.
 *
 * @param subset       which of the pre-drawn subsets of the pool
 * @param coefficients of the four metrics, not all 0
 * @param reduction    over a group's members
 */
record Genome(int subset, double[] coefficients, Basis.Reduction reduction) {
    private static final Basis.Reduction[] REDUCTIONS = Basis.Reduction.values();

    static List<Parameter> space(int subsets, boolean searchReduction) {
        List<Parameter> space = new ArrayList<>();
        space.add(new Parameter.Categorical(subsets));
        for (int i = 0; i < Basis.COUNT; i++) {
            space.add(new Parameter.Uniform(0, 1));
        }
        if (searchReduction) {
            space.add(new Parameter.Categorical(REDUCTIONS.length));
        }
        return space;
    }

    static Genome of(double[] point) {
        double[] coefficients = Arrays.copyOfRange(point, 1, 1 + Basis.COUNT);
        if (Arrays.stream(coefficients).allMatch(a -> a == 0)) {
            coefficients[1] = 1;
        }
        boolean searched = point.length > 1 + Basis.COUNT;
        return new Genome((int) point[0], coefficients, searched
                ? REDUCTIONS[(int) point[1 + Basis.COUNT]]
                : Basis.Reduction.SUM);
    }

    /** Where a blend of the first subset, summed over members, stands in the space. */
    static double[] point(int parameters, double... coefficients) {
        double[] point = new double[parameters];
        System.arraycopy(coefficients, 0, point, 1, coefficients.length);
        return point;
    }
}
