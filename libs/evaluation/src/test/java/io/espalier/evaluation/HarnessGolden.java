package io.espalier.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.espalier.evaluation.task.Answer;
import io.espalier.evaluation.task.Question;
import io.espalier.evaluation.task.Request;
import io.espalier.evaluation.task.TaskDataException;
import io.espalier.evaluation.task.ZeroShotTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What lm-evaluation-harness itself asked and scored on the excerpts; made by tools/golden/zero_shot.py. */
public final class HarnessGolden {
    private static final Path RESOURCES = Path.of("src/test/resources");
    private static final int ROWS = 24;

    private final ZeroShotTask task;
    private final JsonNode json;

    private HarnessGolden(ZeroShotTask task, JsonNode json) {
        this.task = task;
        this.json = json;
    }

    public static HarnessGolden of(ZeroShotTask task) throws IOException {
        JsonNode all = new ObjectMapper().readTree(RESOURCES.resolve("golden/zero-shot.json").toFile());
        return new HarnessGolden(task, all.get(task.label()));
    }

    /** The same rows, read by us. */
    public List<Question> questions() throws IOException, TaskDataException {
        return task.read(RESOURCES.resolve("tasks/" + task.label() + ".jsonl"), ROWS);
    }

    public String version() {
        return json.get("version").textValue();
    }

    public int size() {
        return json.get("samples").size();
    }

    public List<Request> requests(int sample) {
        List<Request> requests = new ArrayList<>();
        sample(sample).get("requests").forEach(r -> requests.add(new Request(r.get(0).textValue(), r.get(1)
                .textValue())));
        return requests;
    }

    public List<Answer> answers(int sample) {
        List<Answer> answers = new ArrayList<>();
        sample(sample).get("answers").forEach(a -> answers.add(new Answer(a.get(0).doubleValue(), a.get(1)
                .booleanValue())));
        return answers;
    }

    public int gold(int sample) {
        return sample(sample).get("gold").intValue();
    }

    /** Whether the harness counted the sample as right by {@code acc} or {@code acc_norm}. */
    public boolean right(int sample, String metric) {
        return sample(sample).get(metric).doubleValue() == 1;
    }

    /** {@code acc}, {@code acc_stderr}, {@code acc_norm} or {@code acc_norm_stderr}. */
    public double score(String metric) {
        return json.get("scores").get(metric).doubleValue();
    }

    private JsonNode sample(int index) {
        return json.get("samples").get(index);
    }
}
