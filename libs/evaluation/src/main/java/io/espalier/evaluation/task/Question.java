package io.espalier.evaluation.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * One row of a zero-shot task.
 *
 * @param requests one per choice, in the order of the choices
 * @param choices  texts of the choices without the leading space: their lengths normalise {@code acc_norm}
 * @param gold     index of the right choice
 * @param row      the row as it stands in the file
 */
public record Question(List<Request> requests, List<String> choices, int gold, JsonNode row) {
    public Question {
        requests = List.copyOf(requests);
        choices = List.copyOf(choices);
    }

    /** The usual form: one context, the choices as continuations, with a space between. */
    static Question ofChoices(String context, List<String> choices, int gold, JsonNode row) {
        return new Question(choices.stream().map(choice -> new Request(context, " " + choice)).toList(), choices, gold,
                row);
    }
}
