package io.espalier.cli.render;

import java.io.PrintWriter;
import java.util.List;
import java.util.Map;

/**
 * Standard error as a place for progress: a few lines that are drawn over themselves, only on a terminal and not in
 * continuous integration; colours only where {@code NO_COLOR} does not forbid them.
 */
public final class Screen {
    private static final String UP = "\u001B[%dA";
    private static final String CLEAR_BELOW = "\u001B[J";

    private final PrintWriter out;
    private final boolean live;
    private final boolean colours;
    private final int columns;
    private int drawn;

    Screen(PrintWriter out, boolean live, boolean colours, int columns) {
        this.out = out;
        this.live = live;
        this.colours = colours;
        this.columns = columns;
    }

    /** The launcher knows whether standard error is a terminal, and how wide. */
    public static Screen of(PrintWriter out, Map<String, String> environment, boolean quiet) {
        boolean terminal = Boolean.getBoolean("espalier.terminal") && !"dumb".equals(environment.get("TERM"));
        boolean continuous = isSet(environment, "CI");
        boolean colours = !isSet(environment, "NO_COLOR");
        return new Screen(out, terminal && !continuous && !quiet, colours, Integer.getInteger("espalier.columns", 80));
    }

    private static boolean isSet(Map<String, String> environment, String name) {
        return !environment.getOrDefault(name, "").isEmpty();
    }

    public boolean isLive() {
        return live;
    }

    int columns() {
        return columns;
    }

    String colour(String code, String text) {
        return colours ? "\u001B[" + code + "m" + text + "\u001B[0m" : text;
    }

    /** Draws over what was drawn before. Lines must not be wider than the screen. */
    public synchronized void draw(List<String> lines) {
        if (!live) {
            return;
        }
        StringBuilder frame = new StringBuilder(drawn == 0 ? "" : UP.formatted(drawn) + "\r" + CLEAR_BELOW);
        lines.forEach(line -> frame.append(line).append('\n'));
        out.print(frame);
        out.flush();
        drawn = lines.size();
    }

    /** A line that stays, above what is drawn; printed even where there is no terminal. */
    public synchronized void say(String line) {
        if (live && drawn > 0) {
            out.print(UP.formatted(drawn) + "\r" + CLEAR_BELOW);
            drawn = 0;
        }
        out.println(line);
        out.flush();
    }

    /** Leaves what is drawn as it is; the next drawing starts below. */
    public synchronized void keep() {
        drawn = 0;
    }

    /** Removes what is drawn. */
    public synchronized void clear() {
        draw(List.of());
    }
}
