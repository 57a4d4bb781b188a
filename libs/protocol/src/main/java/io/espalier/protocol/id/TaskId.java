package io.espalier.protocol.id;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names one task: {@code job/stage/round/index}. It exists once, however often it is tried.
 *
 * @param stage position of the stage in the job's list of stages, from 0
 * @param round round of an iterative stage, from 0
 * @param index position of the task in its round, from 0
 */
public record TaskId(JobId job, int stage, int round, int index) {
    private static final Pattern FORM = Pattern.compile("([^/]+)/(\\d+)/(\\d+)/(\\d+)");

    @JsonCreator
    public static TaskId parse(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw new IllegalArgumentException("task id '" + text + "' is not of the form job/stage/round/index");
        }
        return new TaskId(new JobId(m.group(1)), Integer.parseInt(m.group(2)), Integer.parseInt(m.group(3)),
                Integer.parseInt(m.group(4)));
    }

    @JsonValue
    @Override
    public String toString() {
        return job + "/" + stage + "/" + round + "/" + index;
    }
}
