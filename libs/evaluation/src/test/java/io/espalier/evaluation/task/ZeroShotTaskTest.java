package io.espalier.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.evaluation.HarnessGolden;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ZeroShotTaskTest {
    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource
    void asksWhatTheHarnessAsks(ZeroShotTask task) throws Exception {
        HarnessGolden harness = HarnessGolden.of(task);
        List<Question> questions = harness.questions();

        assertThat(task.version()).isEqualTo(harness.version());
        assertThat(questions).hasSize(harness.size());
        for (int i = 0; i < questions.size(); i++) {
            assertThat(questions.get(i).requests()).as("row %d", i).isEqualTo(harness.requests(i));
            assertThat(questions.get(i).gold()).as("row %d", i).isEqualTo(harness.gold(i));
        }
    }

    @ParameterizedTest
    @EnumSource
    void scoresTheHarnessAnswersAsItDoes(ZeroShotTask task) throws Exception {
        HarnessGolden harness = HarnessGolden.of(task);
        List<Question> questions = harness.questions();
        List<Choice> choices = new ArrayList<>();
        for (int i = 0; i < questions.size(); i++) {
            Choice choice = Choice.of(questions.get(i), harness.answers(i));
            assertThat(choice.plain() == harness.gold(i)).as("row %d", i).isEqualTo(harness.right(i, "acc"));
            if (task.normalised()) {
                assertThat(choice.byCharacters() == harness.gold(i)).as("row %d", i).isEqualTo(
                        harness.right(i, "acc_norm"));
            }
            choices.add(choice);
        }

        TaskScore score = TaskScore.of(task, questions, choices);
        assertThat(score.acc().value()).isCloseTo(harness.score("acc"), within(1e-12));
        assertThat(score.acc().stderr()).isCloseTo(harness.score("acc_stderr"), within(1e-12));
        if (task.normalised()) {
            assertThat(score.accNorm().value()).isCloseTo(harness.score("acc_norm"), within(1e-12));
            assertThat(score.accNorm().stderr()).isCloseTo(harness.score("acc_norm_stderr"), within(1e-12));
        }
    }

    @Test
    void readsTheEditionsOfTheHubToo() throws Exception {
        assertThat(read(ZeroShotTask.ARC_EASY, """
                {"question": "Why?", "choices": {"text": ["a", "b"], "label": ["1", "2"]}, "answerKey": "2"}"""))
                .extracting(Question::gold).isEqualTo(1);
        assertThat(read(ZeroShotTask.OPENBOOKQA, """
                {"question_stem": "It is", "choices": {"text": ["a", "b"], "label": ["A", "B"]}, "answerKey": "A"}""")
                .requests()).containsExactly(new Request("It is", " a"), new Request("It is", " b"));
        assertThat(read(ZeroShotTask.BOOLQ, """
                {"question": "is it", "passage": "It -- it is.", "label": 1}""").requests().getFirst().context())
                .isEqualTo("It -- it is.\nQuestion: is it?\nAnswer:");
    }

    @Test
    void namesFileLineAndKeyOfABadRow() {
        assertThatThrownBy(() -> read(ZeroShotTask.PIQA, "\n{\"goal\": 7, \"label\": 0}")).isInstanceOf(
                TaskDataException.class).hasMessageEndingWith("rows.jsonl, line 2: \"goal\" is 7, but must be a text");
        assertThatThrownBy(() -> read(ZeroShotTask.BOOLQ, "{\"passage\": \"p\", \"question\": \"q\"}"))
                .hasMessageContaining("\"answer\" is missing, but must be true or false");
        assertThatThrownBy(() -> read(ZeroShotTask.WINOGRANDE, "{\"sentence\": \"no gap\"}")).hasMessageContaining(
                "a sentence with a blank");
        assertThatThrownBy(() -> read(ZeroShotTask.HELLASWAG, "{\"oops\"")).hasMessageContaining("line 1: not JSON");
        assertThatThrownBy(() -> read(ZeroShotTask.HELLASWAG, "")).hasMessageContaining("holds no row");
        assertThatThrownBy(() -> ZeroShotTask.named("mmlu")).hasMessageContaining("boolq, piqa");
        assertThatThrownBy(() -> ZeroShotTask.BOOLQ.read(folder.resolve("none"))).hasMessageContaining("no such file");
    }

    @Test
    void wantsPiqasLabelsBesideItsRows() {
        assertThatThrownBy(() -> read(ZeroShotTask.PIQA, "{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\"}"))
                .hasMessageContaining("rows-labels.lst: no such file");
    }

    private Question read(ZeroShotTask task, String rows) throws Exception {
        return task.read(Files.writeString(folder.resolve("rows.jsonl"), rows)).getFirst();
    }
}
