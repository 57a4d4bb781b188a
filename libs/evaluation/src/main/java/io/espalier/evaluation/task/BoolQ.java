package io.espalier.evaluation.task;

import java.util.List;

/**
 * BoolQ {@code {question, title, answer, passage}}. The harness takes its passages from SuperGLUE, where the title
 * stands before the passage; rows of that edition ({@code label}, no {@code title}) are read as they are.
 */
final class BoolQ implements QuestionFormat {
    private static final List<String> CHOICES = List.of("no", "yes");

    @Override
    public Question question(Row row) throws TaskDataException {
        String passage = row.has("title") ? row.text("title") + " -- " + row.text("passage") : row.text("passage");
        String context = passage + "\nQuestion: " + row.text("question") + "?\nAnswer:";
        return Question.ofChoices(context, CHOICES, gold(row), row.json());
    }

    private static int gold(Row row) throws TaskDataException {
        if (row.has("label")) {
            return row.index("label", 2);
        }
        return row.flag("answer") ? 1 : 0;
    }
}
