package io.espalier.pruning.importance;

import java.util.List;
import java.util.function.DoubleBinaryOperator;

/** Makes one vector of the vectors of a group's members, all of equal length; the root of the group stands first. */
public enum Reduction {
    SUM, MEAN, MAX, PROD,
    /** The root alone: k_proj, gate_proj. */
    FIRST,
    /** The second member alone: o_proj, down_proj. */
    SECOND;

    public double[] reduce(List<double[]> members) {
        return switch (this) {
            case SUM -> fold(members, Double::sum);
            case MEAN -> scale(fold(members, Double::sum), 1.0 / members.size());
            case MAX -> fold(members, Math::max);
            case PROD -> fold(members, (a, b) -> a * b);
            case FIRST -> members.get(0).clone();
            case SECOND -> members.get(1).clone();
        };
    }

    private static double[] fold(List<double[]> members, DoubleBinaryOperator operator) {
        double[] result = members.getFirst().clone();
        for (double[] member : members.subList(1, members.size())) {
            for (int i = 0; i < result.length; i++) {
                result[i] = operator.applyAsDouble(result[i], member[i]);
            }
        }
        return result;
    }

    private static double[] scale(double[] values, double factor) {
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return values;
    }
}
