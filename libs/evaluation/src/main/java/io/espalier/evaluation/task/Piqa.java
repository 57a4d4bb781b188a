package io.espalier.evaluation.task;

import java.util.List;

/** PIQA {@code {goal, sol1, sol2}}; the label comes from the file beside, see {@link PiqaLabels}. */
final class Piqa implements QuestionFormat {
    @Override
    public Question question(Row row) throws TaskDataException {
        String context = "Question: " + row.text("goal") + "\nAnswer:";
        return Question.ofChoices(context, List.of(row.text("sol1"), row.text("sol2")), row.index("label", 2),
                row.json());
    }
}
