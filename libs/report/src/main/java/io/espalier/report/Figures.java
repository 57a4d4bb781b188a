package io.espalier.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** How figures are written for people: the same everywhere. */
public final class Figures {
    private static final String[] DECIMAL = {"", " k", " M", " G", " T"};
    private static final DateTimeFormatter MOMENT = DateTimeFormatter
            .ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Figures() {}

    /** {@code 5,422,977,024}. */
    public static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** {@code 1.04 MB}: decimal units, three significant digits. */
    public static String bytes(long n) {
        return scaled(n) + "B";
    }

    /** {@code 339 G}. */
    public static String scaled(double n) {
        int unit = 0;
        while (Math.abs(n) >= 1000 && unit < DECIMAL.length - 1) {
            n /= 1000;
            unit++;
        }
        return significant(n) + (unit == 0 ? " " : DECIMAL[unit]);
    }

    /** Three significant digits, never in exponent form; {@code 4.33}, {@code 12.6}, {@code 582}. */
    public static String significant(double x) {
        if (!Double.isFinite(x)) {
            return Double.isNaN(x) ? "NaN" : x > 0 ? "∞" : "-∞";
        }
        double size = Math.abs(x);
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 || size == 0 ? 2 : 3;
        return String.format(Locale.ROOT, "%,." + decimals + "f", x);
    }

    /** {@code 80.5 %}. */
    public static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", share * 100);
    }

    /** Change against a base: {@code -19.5 %}; empty when there is no base. */
    public static String change(double base, double value) {
        return base == 0 || !Double.isFinite(value / base)
                ? ""
                : String.format(Locale.ROOT, "%+.1f %%", (value / base - 1) * 100);
    }

    /** {@code 2026-11-25 09:36:25 UTC}, of an instant as ISO 8601 writes it. */
    public static String moment(String instant) {
        return MOMENT.format(Instant.parse(instant));
    }

    /** {@code 1 h 02 min}, {@code 3 min 20 s}, {@code 4.2 s}. */
    public static String seconds(double s) {
        long whole = Math.round(s);
        if (whole >= 3600) {
            return String.format(Locale.ROOT, "%d h %02d min", whole / 3600, whole % 3600 / 60);
        }
        return whole >= 60
                ? String.format(Locale.ROOT, "%d min %02d s", whole / 60, whole % 60)
                : String.format(Locale.ROOT, "%.1f s", s);
    }
}
