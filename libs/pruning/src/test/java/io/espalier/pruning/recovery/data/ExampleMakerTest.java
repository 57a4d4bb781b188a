package io.espalier.pruning.recovery.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExampleMakerTest {
    private final List<Example> made = new ArrayList<>();

    @Test
    void masksThePromptAndEndsWithEos() {
        maker(10, false).add(new Document.Instruction("ab", "cd"));
        assertThat(made).containsExactly(new Example(new int[]{1, 'a', 'b', 'c', 'd', 2}, 3));
        assertThat(made.getFirst().counted()).as("c, d and EOS").isEqualTo(3);
    }

    @Test
    void countsThePromptWhereAsked() {
        maker(10, true).add(new Document.Instruction("ab", "cd"));
        assertThat(made.getFirst().counted()).as("all but BOS").isEqualTo(5);
    }

    @Test
    void cutsAtTheLongestLengthWithoutEos() {
        maker(4, false).add(new Document.Instruction("ab", "cd"));
        assertThat(made).containsExactly(new Example(new int[]{1, 'a', 'b', 'c'}, 3));
    }

    @Test
    void dropsWhatHasNothingToLearn() {
        ExampleMaker maker = maker(3, false);
        maker.add(new Document.Instruction("abcdef", "g"));
        assertThat(made).isEmpty();
        assertThat(maker.dropped()).isEqualTo(1);
    }

    @Test
    void packsTextsIntoWindows() {
        ExampleMaker maker = maker(4, false);
        maker.add(new Document.Text("abc", true, true));
        maker.add(new Document.Text("d", true, true));
        maker.finish();
        assertThat(made).containsExactly(new Example(new int[]{1, 'a', 'b', 'c'}, 0),
                new Example(new int[]{2, 1, 'd', 2}, 0));
    }

    @Test
    void keepsTheRestOfTheLastWindow() {
        ExampleMaker maker = maker(4, false);
        maker.add(new Document.Text("abcd", true, true));
        maker.finish();
        assertThat(made).containsExactly(new Example(new int[]{1, 'a', 'b', 'c'}, 0),
                new Example(new int[]{'d', 2}, 0));
    }

    private ExampleMaker maker(int maxLength, boolean trainOnInputs) {
        return new ExampleMaker(new CharacterEncoder(), maxLength, trainOnInputs, made::add);
    }
}
