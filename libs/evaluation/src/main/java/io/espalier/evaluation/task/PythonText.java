package io.espalier.evaluation.task;

import java.util.Locale;

/** Python's string methods, where Java's differ: the harness is written in Python and its prompts depend on them. */
public final class PythonText {
    /** {@code \s} of Python's regular expressions. */
    static final String SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";

    private PythonText() {}

    /** {@code len(text)}: code points. */
    public static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    /** {@code text.strip()}. */
    public static String strip(String text) {
        return stripEnd(stripStart(text));
    }

    /** {@code text.rstrip()}. */
    public static String stripEnd(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    /** {@code text.lstrip()}. */
    public static String stripStart(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    /** {@code text.capitalize()}: the first letter large and <em>all others small</em>. */
    public static String capitalize(String text) {
        if (text.isEmpty()) {
            return text;
        }
        String first = text.substring(0, text.offsetByCodePoints(0, 1));
        String rest = text.toLowerCase(Locale.ROOT).substring(first.toLowerCase(Locale.ROOT).length());
        return title(first) + rest;
    }

    /** Title case of one letter; "ß" becomes "Ss". */
    private static String title(String letter) {
        String upper = letter.toUpperCase(Locale.ROOT);
        int head = upper.offsetByCodePoints(0, 1);
        return head < upper.length()
                ? upper.substring(0, head) + upper.substring(head).toLowerCase(Locale.ROOT)
                : Character.toString(Character.toTitleCase(letter.codePointAt(0)));
    }

    /** {@code str.isspace}: bidirectional type WS, B or S, or category Zs; all of them are in the basic plane. */
    private static boolean isSpace(char c) {
        return c >= '\t' && c <= '\r' || c >= 0x1c && c <= ' ' || c == 0x85 || c == 0xa0 || c == 0x1680
                || c >= 0x2000 && c <= 0x200a || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f
                || c == 0x3000;
    }
}
