package io.espalier.cli.render;

import io.espalier.protocol.message.JobEstimate;
import io.espalier.report.Figures;

/** How long something is likely to take, for people. */
final class Left {
    private static final double MOMENTS = 2;

    private Left() {}

    /** {@code 4 min 10 s to 6 min 00 s left}; empty where nothing is known. */
    static String of(JobEstimate estimate) {
        return estimate == null ? "" : of(estimate.remaining());
    }

    static String of(JobEstimate.Range range) {
        if (range == null) {
            return "";
        }
        if (range.high() < MOMENTS) {
            return "nearly done";
        }
        String low = seconds(range.low());
        String high = seconds(range.high());
        return low.equals(high) ? "about " + high + " left" : low + " to " + high + " left";
    }

    /** No finer than an estimate is. */
    private static String seconds(double seconds) {
        return seconds < 60 ? Math.round(seconds) + " s" : Figures.seconds(Math.round(seconds / 10) * 10.0);
    }
}
