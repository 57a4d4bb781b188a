package io.espalier.evaluation.task;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** HellaSwag {@code {activity_label, ctx_a, ctx_b, endings, label}}, cleaned of WikiHow's brackets. */
final class HellaSwag implements QuestionFormat {
    /** Python's {@code \[.*?\]}: there the dot excludes nothing but the line feed. */
    private static final Pattern BRACKETS = Pattern.compile("\\[.*?]", Pattern.UNIX_LINES);

    @Override
    public Question question(Row row) throws TaskDataException {
        String context = row.text("ctx_a") + " " + PythonText.capitalize(row.text("ctx_b"));
        List<String> endings = new ArrayList<>();
        for (String ending : row.texts("endings")) {
            endings.add(clean(ending));
        }
        return Question.ofChoices(clean(row.text("activity_label") + ": " + context), endings,
                row.index("label", endings.size()), row.json());
    }

    static String clean(String text) {
        String titled = PythonText.strip(text).replace(" [title]", ". ");
        return BRACKETS.matcher(titled).replaceAll("").replace("  ", " ");
    }
}
