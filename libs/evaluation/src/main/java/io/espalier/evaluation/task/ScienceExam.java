package io.espalier.evaluation.task;

import java.util.ArrayList;
import java.util.List;

/**
 * AI2's exam schema {@code {question: {stem, choices: [{text, label}]}, answerKey}} of ARC and OpenBookQA, and its flat
 * edition {@code {question | question_stem, choices: {text: [], label: []}, answerKey}}. Labels are letters or digits.
 *
 * @param before stands before the stem
 * @param after  stands behind it
 */
record ScienceExam(String before, String after) implements QuestionFormat {
    @Override
    public Question question(Row row) throws TaskDataException {
        boolean nested = row.json().path("question").isObject();
        Row holder = nested ? row.object("question") : row;
        String stem = nested ? holder.text("stem") : row.text(row.has("question_stem") ? "question_stem" : "question");
        List<String> texts = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        if (nested) {
            for (Row choice : holder.objects("choices")) {
                texts.add(choice.text("text"));
                labels.add(choice.text("label"));
            }
        } else {
            texts.addAll(row.object("choices").texts("text"));
            labels.addAll(row.object("choices").texts("label"));
        }
        int gold = labels.indexOf(PythonText.strip(row.text("answerKey")));
        if (gold < 0) {
            throw row.wrong("answerKey", "one of the choices' labels " + labels);
        }
        return Question.ofChoices(before + stem + after, texts, gold, row.json());
    }
}
