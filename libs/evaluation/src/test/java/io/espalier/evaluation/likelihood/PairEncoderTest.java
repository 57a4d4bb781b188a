package io.espalier.evaluation.likelihood;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.evaluation.Stories;
import io.espalier.evaluation.likelihood.PairEncoder.Rule;
import io.espalier.evaluation.task.Request;
import io.espalier.model.text.Tokenizer;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PairEncoderTest {
    private static final int BOS = 1;
    private static Tokenizer tokenizer;

    @BeforeAll
    static void open() {
        tokenizer = Stories.tokenizer();
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void movesSpacesAtTheEndOfTheContext() {
        Span moved = encoder(Rule.TOGETHER, 512).encode(new Request("Once upon a ", "time"));
        Span plain = encoder(Rule.TOGETHER, 512).encode(new Request("Once upon a", " time"));

        assertThat(moved.tokens()).isEqualTo(plain.tokens()).startsWith(BOS);
        assertThat(moved.targets()).isEqualTo(plain.targets());
        assertThat(tokenizer.decode(moved.continuation())).isEqualTo(" time".strip());
    }

    @Test
    void encodesApartWithoutSpecialTokens() {
        Span span = encoder(Rule.APART, 512).encode(new Request("Once upon a", " time"));

        assertThat(span.tokens()).doesNotContain(BOS);
        assertThat(span.continuation()).isEqualTo(tokenizer.encodePlain(" time"));
    }

    @Test
    void cutsLongContextsFromTheLeft() {
        Request request = new Request("Once upon a time there was a girl named Lily.", " She was happy.");
        Span whole = encoder(Rule.TOGETHER, 512).encode(request);
        Span cut = encoder(Rule.TOGETHER, 12).encode(request);

        int all = whole.tokens().length;
        assertThat(cut.tokens()).isEqualTo(Arrays.copyOfRange(whole.tokens(), all - 13, all));
        assertThat(cut.targets()).isEqualTo(whole.targets());
    }

    @Test
    void refusesWhatCannotBeScored() {
        assertThatThrownBy(() -> encoder(Rule.TOGETHER, 512).encode(new Request(" ", "x"))).hasMessageContaining(
                "empty");
        assertThatThrownBy(() -> encoder(Rule.TOGETHER, 2).encode(new Request("a", " once upon a time")))
                .hasMessageContaining("longer than the 2 positions");
        assertThatThrownBy(() -> encoder(Rule.TOGETHER, 512).encode(new Request("a", ""))).isInstanceOf(
                IllegalArgumentException.class);
    }

    private static PairEncoder encoder(Rule rule, int maxPositions) {
        return new PairEncoder(tokenizer, rule, maxPositions);
    }
}
