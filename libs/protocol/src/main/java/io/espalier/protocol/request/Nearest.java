package io.espalier.protocol.request;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds the word that someone probably meant: optimal string alignment distance, blind to case, dashes and underscores. */
final class Nearest {
    private Nearest() {}

    /** The nearest of the known words, if there are any. */
    static Optional<String> of(String word, Collection<String> known) {
        String plain = plain(word);
        return known.stream().min(Comparator.<String>comparingInt(k -> distance(plain, plain(k)))
                .thenComparing(Comparator.naturalOrder()));
    }

    /** Whether two words are near enough to be taken for one another. */
    static boolean near(String word, String known) {
        int length = Math.max(word.length(), known.length());
        return distance(plain(word), plain(known)) <= Math.max(1, length / 3);
    }

    private static String plain(String word) {
        String cut = word.length() > 64 ? word.substring(0, 64) : word;
        return cut.toLowerCase(Locale.ROOT).replaceAll("[-_ ]", "");
    }

    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                d[i][j] = i == 0 || j == 0 ? i + j : step(d, a, b, i, j);
            }
        }
        return d[a.length()][b.length()];
    }

    private static int step(int[][] d, String a, String b, int i, int j) {
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(d[i - 1][j - 1] + change, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped = i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        return swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
    }
}
