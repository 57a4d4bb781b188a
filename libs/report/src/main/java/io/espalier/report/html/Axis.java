package io.espalier.report.html;

import io.espalier.report.Figures;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * One axis: from data to picture coordinates, with round numbers as ticks.
 *
 * @param low  data at {@code from}
 * @param high data at {@code to}; the picture coordinates may run either way
 * @param finest least distance of two ticks; 0 for any
 */
public record Axis(double low, double high, boolean log, double from, double to, double finest) {
    private static final int TICKS = 5;
    private static final double[] STEPS = {1, 2, 2.5, 5, 10};
    /** From this ratio of largest to smallest on, a linear axis would show the largest only. */
    private static final double LOG_FROM = 30;

    /** Holds all values with a small margin; logarithmic where they span orders of magnitude. */
    static Axis around(double[] values, double from, double to) {
        double min = DoubleStream.of(values).min().orElse(0);
        double max = DoubleStream.of(values).max().orElse(1);
        if (min > 0 && max / min >= LOG_FROM) {
            double margin = Math.pow(max / min, 0.04);
            return new Axis(min / margin, max * margin, true, from, to, 0);
        }
        double margin = max > min ? (max - min) * 0.05 : Math.max(1e-9, Math.abs(max) * 0.05);
        // What is never negative gets no negative axis.
        return new Axis(min >= 0 ? Math.max(0, min - margin) : min - margin, max + margin, false, from, to, 0);
    }

    static Axis linear(double low, double high, double from, double to) {
        return new Axis(low, high > low ? high : low + 1, false, from, to, 0);
    }

    /** Of what can be counted only: no ticks at fractions. */
    static Axis counting(double low, double high, double from, double to) {
        return new Axis(low, high > low ? high : low + 1, false, from, to, 1);
    }

    static Axis logarithmic(double low, double high, double from, double to) {
        return new Axis(low, high > low ? high : low * 10, true, from, to, 0);
    }

    double at(double value) {
        double share = log
                ? Math.log(value / low) / Math.log(high / low)
                : (value - low) / (high - low);
        return from + share * (to - from);
    }

    /** Round numbers inside. */
    List<Double> ticks() {
        return log ? powers() : steps();
    }

    private List<Double> steps() {
        double rough = Math.max(finest, (high - low) / TICKS);
        double power = Math.pow(10, Math.floor(Math.log10(rough)));
        double step = DoubleStream.of(STEPS).map(s -> s * power).filter(s -> s >= rough * 0.999).findFirst()
                .orElse(10 * power);
        List<Double> ticks = new ArrayList<>();
        for (double i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            ticks.add(i * step + 0.0); // never -0
        }
        return ticks;
    }

    private List<Double> powers() {
        List<Double> ticks = new ArrayList<>();
        double decades = Math.log10(high / low);
        double[] factors = decades < 1
                ? new double[]{1, 1.5, 2, 3, 4, 5, 7}
                : decades < 2 ? new double[]{1, 2, 5} : new double[]{1};
        int every = (int) Math.max(1, Math.ceil(decades / 6));
        for (int power = (int) Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
            for (double factor : factors) {
                double tick = factor * Math.pow(10, power);
                if (Math.floorMod(power, every) == 0 && tick >= low && tick <= high) {
                    ticks.add(tick);
                }
            }
        }
        return ticks;
    }

    static String label(double tick) {
        double size = Math.abs(tick);
        if (size >= 10_000) {
            return Figures.scaled(tick).trim();
        }
        if (size > 0 && size < 0.001) {
            return String.format(java.util.Locale.ROOT, "%.0e", tick).replace("e-0", "e-");
        }
        String text = String.format(java.util.Locale.ROOT, "%,.4f", tick);
        return text.replaceAll("\\.?0+$", "");
    }
}
