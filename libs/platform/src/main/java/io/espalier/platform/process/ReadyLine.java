package io.espalier.platform.process;

import java.io.PrintStream;

/** One line on standard output that says a process serves, for whoever started it: {@code READY …}. */
public final class ReadyLine {
    public static final String PREFIX = "READY ";

    private ReadyLine() {}

    public static void print(String... parts) {
        print(System.out, parts);
    }

    static void print(PrintStream out, String... parts) {
        out.println(PREFIX + String.join(" ", parts));
        out.flush();
    }
}
