package io.espalier.evaluation.task;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * One line of a task's file, or an object inside it.
 *
 * @param place file and line, for complaints
 */
record Row(String place, JsonNode json) {
    boolean has(String key) {
        return json.hasNonNull(key);
    }

    String text(String key) throws TaskDataException {
        JsonNode value = json.path(key);
        if (!value.isTextual()) {
            throw wrong(key, "a text");
        }
        return value.textValue();
    }

    boolean flag(String key) throws TaskDataException {
        JsonNode value = json.path(key);
        if (!value.isBoolean()) {
            throw wrong(key, "true or false");
        }
        return value.booleanValue();
    }

    /** An index from 0, also where it is written as text. */
    int index(String key, int size) throws TaskDataException {
        JsonNode value = json.path(key);
        int index = value.isTextual() ? value.asInt(-1) : value.isInt() ? value.intValue() : -1;
        if (index < 0 || index >= size) {
            throw wrong(key, "a number from 0 to " + (size - 1));
        }
        return index;
    }

    List<String> texts(String key) throws TaskDataException {
        JsonNode value = json.path(key);
        if (!value.isArray() || value.isEmpty()) {
            throw wrong(key, "a list of texts");
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode item : value) {
            if (!item.isTextual()) {
                throw wrong(key, "a list of texts");
            }
            texts.add(item.textValue());
        }
        return texts;
    }

    Row object(String key) throws TaskDataException {
        if (!json.path(key).isObject()) {
            throw wrong(key, "an object");
        }
        return new Row(place, json.get(key));
    }

    List<Row> objects(String key) throws TaskDataException {
        JsonNode value = json.path(key);
        if (!value.isArray() || value.isEmpty()) {
            throw wrong(key, "a list of objects");
        }
        List<Row> rows = new ArrayList<>();
        value.forEach(item -> rows.add(new Row(place, item)));
        return rows;
    }

    TaskDataException wrong(String key, String expected) {
        JsonNode value = json.path(key);
        String found = value.isMissingNode() ? "is missing" : "is " + value;
        return new TaskDataException(place + ": \"" + key + "\" " + found + ", but must be " + expected);
    }
}
