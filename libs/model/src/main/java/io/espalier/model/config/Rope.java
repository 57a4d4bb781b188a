package io.espalier.model.config;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Rotary position embedding as data.
 *
 * @param theta         base of the frequencies
 * @param rotaryDim     entries of a head that are rotated, from the first; the rest passes through
 * @param interleaved   pairs are {@code (2i, 2i+1)} instead of {@code (i, i + rotaryDim/2)}
 * @param scaling       how frequencies change for long contexts
 */
public record Rope(double theta, int rotaryDim, boolean interleaved, Scaling scaling) {

    /**
     * Frequency scaling of {@code config.json}.
     *
     * @see <a href="https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py">
     *      transformers, modeling_rope_utils</a>
     */
    public sealed interface Scaling {
        /**
         * @param frequencies as trained: {@code theta^(-2i/D)}
         * @param length      of the whole sequence
         */
        double[] apply(double[] frequencies, double theta, int length);

        /** What cosines and sines are multiplied by. */
        default double amplitude() {
            return 1;
        }
    }

    /** As trained. */
    public record Unscaled() implements Scaling {
        @Override
        public double[] apply(double[] frequencies, double theta, int length) {
            return frequencies;
        }
    }

    /** Position interpolation: all frequencies divided by {@code factor}. */
    public record Linear(double factor) implements Scaling {
        @Override
        public double[] apply(double[] frequencies, double theta, int length) {
            return IntStream.range(0, frequencies.length).mapToDouble(i -> frequencies[i] / factor).toArray();
        }
    }

    /** Llama 3.1: long waves are divided by {@code factor}, short ones stay, those between are blended. */
    public record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, double originalPositions)
            implements
                Scaling {
        @Override
        public double[] apply(double[] frequencies, double theta, int length) {
            return IntStream.range(0, frequencies.length).mapToDouble(i -> scaled(frequencies[i])).toArray();
        }

        private double scaled(double frequency) {
            double wavelength = 2 * Math.PI / frequency;
            if (wavelength < originalPositions / highFrequencyFactor) {
                return frequency;
            }
            if (wavelength > originalPositions / lowFrequencyFactor) {
                return frequency / factor;
            }
            double smooth = (originalPositions / wavelength - lowFrequencyFactor)
                    / (highFrequencyFactor - lowFrequencyFactor);
            return (1 - smooth) * frequency / factor + smooth * frequency;
        }
    }

    /**
     * YaRN, arXiv:2309.00071: pairs that turn more than {@code fast} times within the original positions stay, those that
     * turn less than {@code slow} times are divided by {@code factor}, with a ramp over the pairs between.
     *
     * @param truncate whether the ends of the ramp are whole pairs
     */
    public record Yarn(double factor, double originalPositions, double fast, double slow, boolean truncate,
            double amplitude) implements Scaling {
        @Override
        public double[] apply(double[] frequencies, double theta, int length) {
            int dim = 2 * frequencies.length;
            double low = pair(fast, dim, theta);
            double high = pair(slow, dim, theta);
            double from = Math.max(truncate ? Math.floor(low) : low, 0);
            double to = Math.min(truncate ? Math.ceil(high) : high, dim - 1.0);
            double width = to == from ? 0.001 : to - from;
            return IntStream.range(0, frequencies.length).mapToDouble(i -> {
                double ramp = Math.clamp((i - from) / width, 0, 1);
                return frequencies[i] * (ramp / factor + 1 - ramp);
            }).toArray();
        }

        /** The pair, as a fraction, that turns so often within the original positions. */
        private double pair(double turns, int dim, double theta) {
            return dim * Math.log(originalPositions / (turns * 2 * Math.PI)) / (2 * Math.log(theta));
        }

        /** The paper's value where the config gives none. */
        static double usualAmplitude(double factor, double scale) {
            return factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1;
        }
    }

    /**
     * LongRoPE, arXiv:2402.13753: each frequency has its own divisor, other ones for sequences that are longer than the
     * original positions.
     */
    public record LongRope(List<Double> shortFactors, List<Double> longFactors, double originalPositions,
            double amplitude) implements Scaling {
        public LongRope {
            shortFactors = List.copyOf(shortFactors);
            longFactors = List.copyOf(longFactors);
        }

        @Override
        public double[] apply(double[] frequencies, double theta, int length) {
            List<Double> factors = length > originalPositions ? longFactors : shortFactors;
            return IntStream.range(0, frequencies.length).mapToDouble(i -> frequencies[i] / factors.get(i)).toArray();
        }

        /** Microsoft's value where the config gives none. */
        static double usualAmplitude(double factor, double originalPositions) {
            return factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(originalPositions));
        }
    }

    /** Angle per position of each pair, for short sequences: {@code rotaryDim / 2} numbers. */
    public double[] frequencies() {
        return frequencies(0);
    }

    /** Angle per position of each pair in sequences of a length. */
    public double[] frequencies(int length) {
        double[] trained = IntStream.range(0, rotaryDim / 2).mapToDouble(i -> Math.pow(theta, -2.0 * i / rotaryDim))
                .toArray();
        return scaling.apply(trained, theta, length);
    }
}
