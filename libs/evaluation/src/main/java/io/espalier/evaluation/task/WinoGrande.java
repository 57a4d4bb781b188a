package io.espalier.evaluation.task;

import java.util.List;

/**
 * WinoGrande {@code {sentence, option1, option2, answer}} by partial evaluation (Trinh and Le 2018, arXiv:1806.02847):
 * the option fills the blank in the <em>context</em>, and the rest of the sentence is scored.
 */
final class WinoGrande implements QuestionFormat {
    @Override
    public Question question(Row row) throws TaskDataException {
        String sentence = row.text("sentence");
        int blank = sentence.indexOf('_');
        if (blank < 0) {
            throw row.wrong("sentence", "a sentence with a blank \"_\"");
        }
        String rest = " " + PythonText.strip(sentence.substring(blank + 1));
        List<String> contexts = List.of(sentence.substring(0, blank) + row.text("option1"),
                sentence.substring(0, blank) + row.text("option2"));
        return new Question(contexts.stream().map(context -> new Request(context, rest)).toList(), contexts,
                gold(row), row.json());
    }

    private static int gold(Row row) throws TaskDataException {
        return switch (row.text("answer")) {
            case "1" -> 0;
            case "2" -> 1;
            default -> throw row.wrong("answer", "\"1\" or \"2\"");
        };
    }
}
