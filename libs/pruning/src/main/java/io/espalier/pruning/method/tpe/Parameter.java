package io.espalier.pruning.method.tpe;

import java.util.Arrays;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** One dimension of a search space; every value is a double. */
public sealed interface Parameter {
    /** A density to be fitted to what was observed. */
    Density fit(double[] observed);

    /** Any number of {@code [low, high]}, all equally likely at first. */
    record Uniform(double low, double high) implements Parameter {
        public Uniform {
            if (!(low < high)) {
                throw new IllegalArgumentException("empty interval " + low + " to " + high);
            }
        }

        /**
         * A Gaussian at each observation and a wide one in the middle, cut to the interval; each as broad as the
         * larger gap to its neighbours, within {@code range / min(100, n + 1)} and {@code range}.
         */
        @Override
        public Density fit(double[] observed) {
            double range = high - low;
            double middle = (low + high) / 2;
            double[] means = DoubleStream.concat(Arrays.stream(observed), DoubleStream.of(middle)).sorted().toArray();
            double narrowest = range / Math.min(100, means.length + 1);
            double[] widths = IntStream.range(0, means.length).mapToDouble(i -> {
                double left = means[i] - (i == 0 ? low : means[i - 1]);
                double right = (i == means.length - 1 ? high : means[i + 1]) - means[i];
                return Math.clamp(Math.max(left, right), narrowest, range);
            }).toArray();
            int prior = Arrays.binarySearch(means, middle);
            widths[prior] = range;
            return new Density.TruncatedMixture(means, widths, low, high);
        }
    }

    /** One of {@code 0..choices-1}. */
    record Categorical(int choices) implements Parameter {
        public Categorical {
            if (choices < 1) {
                throw new IllegalArgumentException("a category needs a choice");
            }
        }

        /** Counts, with one observation's weight spread evenly over all choices. */
        @Override
        public Density fit(double[] observed) {
            double[] weights = new double[choices];
            Arrays.fill(weights, 1.0 / choices);
            for (double value : observed) {
                weights[(int) value] += 1;
            }
            return new Density.Weighted(Arrays.stream(weights).map(w -> w / (observed.length + 1)).toArray());
        }
    }
}
