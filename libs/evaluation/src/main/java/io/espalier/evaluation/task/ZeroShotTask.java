package io.espalier.evaluation.task;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The zero-shot tasks of the pruning papers, as lm-evaluation-harness 0.4 asks and scores them (zero examples in the
 * prompt). Read from the tasks' original files; a limit takes the first rows, as the harness does.
 */
public enum ZeroShotTask {
    BOOLQ("boolq", "2.0", false, new BoolQ()), PIQA("piqa", "1.0", true, new Piqa()), HELLASWAG("hellaswag", "1.0",
            true, new HellaSwag()), WINOGRANDE("winogrande", "1.0", false, new WinoGrande()), ARC_EASY("arc_easy",
                    "1.0", true, new ScienceExam("Question: ", "\nAnswer:")), ARC_CHALLENGE("arc_challenge", "1.0",
                            true, new ScienceExam("Question: ", "\nAnswer:")), OPENBOOKQA("openbookqa", "1.0", true,
                                    new ScienceExam("", ""));

    private final String label;
    private final String version;
    private final boolean normalised;
    private final QuestionFormat format;

    ZeroShotTask(String label, String version, boolean normalised, QuestionFormat format) {
        this.label = label;
        this.version = version;
        this.normalised = normalised;
        this.format = format;
    }

    /** Name in the harness, in requests and in report.json. */
    public String label() {
        return label;
    }

    /** Version of the task in the harness. */
    public String version() {
        return version;
    }

    /** Whether {@code acc_norm} is reported beside {@code acc}. */
    public boolean normalised() {
        return normalised;
    }

    /**
     * @throws TaskDataException if there is no task of this name
     */
    public static ZeroShotTask named(String label) throws TaskDataException {
        return Arrays.stream(values()).filter(task -> task.label.equals(label)).findFirst().orElseThrow(
                () -> new TaskDataException("no zero-shot task \"" + label + "\"; there are "
                        + Arrays.stream(values()).map(ZeroShotTask::label).collect(Collectors.joining(", "))));
    }

    /** All questions of a file. */
    public List<Question> read(Path file) throws IOException, TaskDataException {
        return read(file, Integer.MAX_VALUE);
    }

    /** The first questions of a file. */
    public List<Question> read(Path file, int limit) throws IOException, TaskDataException {
        List<Row> rows = TaskFile.rows(file, limit);
        if (this == PIQA) {
            rows = PiqaLabels.join(file, rows);
        }
        List<Question> questions = new ArrayList<>();
        for (Row row : rows) {
            questions.add(format.question(row));
        }
        return questions;
    }
}
