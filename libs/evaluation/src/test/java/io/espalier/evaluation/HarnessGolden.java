package io.espalier.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

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

/** What lm-evaluation-harness itself asked and scored; made by tools/golden/zero_shot.py. */
public final class HarnessGolden {
    private static final Path RESOURCES = Path.of("src/test/resources");
    /** Relative, of fp32 sums. */
    private static final double TOLERANCE = 2e-5;

    private final ZeroShotTask task;
    private final Path rows;
    private final JsonNode json;

    private HarnessGolden(ZeroShotTask task, Path rows, JsonNode json) {
        this.task = task;
        this.rows = rows;
        this.json = json;
    }

    /** On the excerpts, with the toy model of the examples. */
    public static HarnessGolden of(ZeroShotTask task) throws IOException {
        return read(RESOURCES.resolve("golden/zero-shot.json"), task, RESOURCES.resolve("tasks/" + task.label()
                + ".jsonl"));
    }

    /**
     * @param answers file that the script wrote
     * @param rows    file that it read
     */
    public static HarnessGolden read(Path answers, ZeroShotTask task, Path rows) throws IOException {
        return new HarnessGolden(task, rows, new ObjectMapper().readTree(answers.toFile()).get(task.label()));
    }

    /** The same rows, read by us. */
    public List<Question> questions() throws IOException, TaskDataException {
        return task.read(rows, size());
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

    /** That our answers, choices and scores are the harness's, to the last example. */
    void check(ZeroShot result) {
        for (int i = 0; i < size(); i++) {
            ZeroShot.Sample sample = result.samples().get(i);
            for (int j = 0; j < sample.answers().size(); j++) {
                Answer expected = answers(i).get(j);
                assertThat(sample.answers().get(j).logLikelihood()).as("row %d, choice %d", i, j).isCloseTo(expected
                        .logLikelihood(), within(TOLERANCE * Math.abs(expected.logLikelihood())));
                assertThat(sample.answers().get(j).greedy()).isEqualTo(expected.greedy());
            }
            assertThat(sample.choice().plain() == gold(i)).as("row %d", i).isEqualTo(right(i, "acc"));
            if (task.normalised()) {
                assertThat(sample.choice().byCharacters() == gold(i)).as("row %d", i).isEqualTo(right(i, "acc_norm"));
            }
        }
        assertThat(result.score().acc().value()).isCloseTo(score("acc"), within(1e-12));
        if (task.normalised()) {
            assertThat(result.score().accNorm().value()).isCloseTo(score("acc_norm"), within(1e-12));
        }
    }

    private JsonNode sample(int index) {
        return json.get("samples").get(index);
    }
}
