package io.espalier.model.config;

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

    /** Frequency scaling of {@code config.json}. */
    public sealed interface Scaling {
        double apply(double frequency);
    }

    /** As trained. */
    public record Unscaled() implements Scaling {
        @Override
        public double apply(double frequency) {
            return frequency;
        }
    }

    /** Position interpolation: all frequencies divided by {@code factor}. */
    public record Linear(double factor) implements Scaling {
        @Override
        public double apply(double frequency) {
            return frequency / factor;
        }
    }

    /**
     * Llama 3.1: long waves are divided by {@code factor}, short ones stay, those between are blended.
     *
     * @see <a href="https://github.com/huggingface/transformers/blob/main/src/transformers/modeling_rope_utils.py">
     *      transformers, _compute_llama3_parameters</a>
     */
    public record Llama3(double factor, double lowFrequencyFactor, double highFrequencyFactor, double originalPositions)
            implements
                Scaling {
        @Override
        public double apply(double frequency) {
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

    /** Angle per position of each pair: {@code rotaryDim / 2} numbers. */
    public double[] frequencies() {
        return IntStream.range(0, rotaryDim / 2)
                .mapToDouble(i -> scaling.apply(Math.pow(theta, -2.0 * i / rotaryDim))).toArray();
    }
}
