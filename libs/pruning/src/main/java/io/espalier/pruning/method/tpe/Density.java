package io.espalier.pruning.method.tpe;

import java.util.random.RandomGenerator;

/** What can be drawn from and asked for its logarithm at a point. */
public sealed interface Density {
    double draw(RandomGenerator random);

    double log(double value);

    /** Gaussians of equal weight, each cut to {@code [low, high]}. */
    record TruncatedMixture(double[] means, double[] widths, double low, double high) implements Density {
        @Override
        public double draw(RandomGenerator random) {
            int component = random.nextInt(means.length);
            while (true) { // at least half of the mass of a Gaussian centred inside is inside, on one side
                double value = means[component] + widths[component] * random.nextGaussian();
                if (low <= value && value <= high) {
                    return value;
                }
            }
        }

        @Override
        public double log(double value) {
            double sum = 0;
            for (int i = 0; i < means.length; i++) {
                double distance = (value - means[i]) / widths[i];
                double mass = normal((high - means[i]) / widths[i]) - normal((low - means[i]) / widths[i]);
                sum += Math.exp(-distance * distance / 2) / (widths[i] * mass);
            }
            return Math.log(sum / (means.length * Math.sqrt(2 * Math.PI)));
        }

        /** Standard normal distribution function; Abramowitz and Stegun 7.1.26, error below 1e-7. */
        private static double normal(double x) {
            double z = Math.abs(x) / Math.sqrt(2);
            double t = 1 / (1 + 0.3275911 * z);
            double tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027
                    + t * 1.061405429)))) * Math.exp(-z * z);
            return x < 0 ? tail / 2 : 1 - tail / 2;
        }
    }

    /** @param weights probability of each choice */
    record Weighted(double[] weights) implements Density {
        @Override
        public double draw(RandomGenerator random) {
            double rest = random.nextDouble();
            for (int i = 0; i < weights.length - 1; i++) {
                rest -= weights[i];
                if (rest < 0) {
                    return i;
                }
            }
            return weights.length - 1;
        }

        @Override
        public double log(double value) {
            return Math.log(weights[(int) value]);
        }
    }
}
