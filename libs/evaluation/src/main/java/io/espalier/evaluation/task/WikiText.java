package io.espalier.evaluation.task;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * WikiText by pages, as the harness's task {@code wikitext} (version 2) reads it: the raw file is cut at the titles, each
 * page is detokenised and scored as a whole, and the log-likelihood is divided by the words or bytes of the page as it
 * stood in the file. Not to be compared with the perplexity of segments.
 *
 * @param page as it stands in the file
 * @param text what the model reads
 */
public record WikiText(String page, String text) {
    private static final Pattern SPACES = Pattern.compile(PythonText.SPACE + "+");
    private static final String OPTIONAL_SPACES = PythonText.SPACE + "*";

    /** A plain replacement where the pattern is null. */
    private record Step(Pattern pattern, String from, String to) {
        static Step text(String from, String to) {
            return new Step(null, from, to);
        }

        /** Spaces inside a pair of brackets or quotes go. */
        static Step inside(String open, String close, String pair) {
            return new Step(Pattern.compile(open + OPTIONAL_SPACES + "([^" + close + "]*?)" + OPTIONAL_SPACES + close),
                    null, pair);
        }

        String apply(String text) {
            return pattern == null ? text.replace(from, to) : pattern.matcher(text).replaceAll(to);
        }
    }

    private static final List<Step> DETOKENISER = List.of(Step.text("s '", "s'"), new Step(Pattern.compile(
            "/' [0-9]/"), null, "/'[0-9]/"), Step.text(" @-@ ", "-"), Step.text(" @,@ ", ","), Step.text(" @.@ ", "."),
            Step.text(" : ", ": "), Step.text(" ; ", "; "), Step.text(" . ", ". "), Step.text(" ! ", "! "), Step.text(
                    " ? ", "? "),
            Step.text(" , ", ", "), Step.inside("\\(", "\\)", "($1)"), Step.inside("\\[", "\\]",
                    "[$1]"),
            Step.inside("\\{", "\\}", "{$1}"), Step.inside("\"", "\"", "\"$1\""), Step.inside(
                    "'", "'", "'$1'"),
            Step.text("= = = =", "===="), Step.text("= = =", "==="), Step
                    .text("= =", "=="),
            Step.text(" ° ", "°"), Step.text(" \n", "\n"), Step
                    .text("\n ", "\n"),
            Step.text(" N ", " 1 "), Step.text(" 's",
                    "'s"));

    /** The pages of a raw file. */
    public static List<WikiText> pages(String raw) {
        List<WikiText> pages = new ArrayList<>();
        List<String> lines = new ArrayList<>();
        for (String line : raw.split("\n", -1)) {
            if (isTitle(line)) {
                String page = String.join("\n", lines);
                if (!PythonText.strip(page).isEmpty()) {
                    pages.add(of(page));
                }
                lines.clear();
            }
            lines.add(line);
        }
        pages.add(of(String.join("\n", lines)));
        return pages;
    }

    static WikiText of(String page) {
        String text = page;
        for (Step step : DETOKENISER) {
            text = step.apply(text);
        }
        return new WikiText(page, text);
    }

    public int words() {
        return (int) SPACES.matcher(page).results().count() + 1;
    }

    public int bytes() {
        return page.getBytes(StandardCharsets.UTF_8).length;
    }

    private static boolean isTitle(String line) {
        String joined = PythonText.strip(line.replace("= = =", "===").replace("= =", "=="));
        return joined.startsWith("= ") && joined.endsWith(" =");
    }
}
