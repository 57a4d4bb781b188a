package io.espalier.evaluation.likelihood;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.evaluation.Progress;
import io.espalier.evaluation.Stories;
import io.espalier.model.forward.Model;
import io.espalier.model.forward.TokenScores;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharingTest {
    /** Questions of four choices, some of which begin alike themselves: every choice scores as if it were read alone. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aChoiceScoresWhatItWouldAlone(long seed) throws Exception {
        Random random = new Random(seed);
        List<Span> spans = new ArrayList<>();
        for (int question = 0; question < 6; question++) {
            int[] context = tokens(random, 8 + random.nextInt(60));
            int common = random.nextInt(4);
            int[] start = tokens(random, common);
            for (int choice = 0; choice < 4; choice++) {
                int[] own = tokens(random, 1 + random.nextInt(20));
                int[] all = IntStream.concat(IntStream.concat(
                        Arrays.stream(context), Arrays.stream(start)), Arrays.stream(own))
                        .toArray();
                spans.add(new Span(all, common + own.length));
            }
        }
        try (Model model = Stories.model()) {
            List<TokenScores> alone = new SpanScorer(model, Limits.standard(), Sharing.NONE).score(spans,
                    Progress.NONE);
            List<TokenScores> shared = new SpanScorer(model, Limits.standard(), new Sharing(1024, 1, 0)).score(spans,
                    Progress.NONE);
            assertThat(Reading.of(spans, new Sharing(1024, 1, 0)).size())
                    .isLessThan(Reading.of(spans, Sharing.NONE).size());
            for (int i = 0; i < spans.size(); i++) {
                assertThat(shared.get(i).nll()).isCloseTo(alone.get(i).nll(), within(1e-5 * alone.get(i).nll()));
            }
        }
    }

    private static int[] tokens(Random random, int count) {
        return random.ints(count, 3, 512).toArray();
    }
}
