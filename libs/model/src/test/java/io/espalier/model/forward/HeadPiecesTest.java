package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.Golden;
import org.junit.jupiter.api.Test;

/** However the vocabulary and the tokens are cut, logits, scores and gradients are the same. */
class HeadPiecesTest {
    private static final int[][] TOKENS = {{1, 403, 407, 261, 378, 511}, {1, 432, 0, 286, 261, 100}};
    private static final double TOLERANCE = 1e-5;

    @Test
    void piecesOfVocabularyAndTokensChangeNothing() {
        try (Model model = Model.streamed(Golden.STORIES, Device.cpu()); NDManager scope = model.newScope()) {
            Head whole = new Head(model.checkpoint(), scope, false, Head.Limits.DEFAULT);
            Head pieces = new Head(model.checkpoint(), scope, false, new Head.Limits(5 * 512, 100 * 64));
            NDArray x = scope.randomNormal(0, 3, new Shape(2, 6, 64), ai.djl.ndarray.types.DataType.FLOAT32);

            assertThat(difference(pieces.logits(x.reshape(12, 64)), whole.logits(x.reshape(12, 64))))
                    .isLessThan(TOLERANCE);
            for (int b = 0; b < 2; b++) {
                TokenScores cut = pieces.scores(x, TOKENS).get(b);
                TokenScores uncut = whole.scores(x, TOKENS).get(b);
                assertThat(cut.logProbability()).containsExactly(uncut.logProbability(), within(TOLERANCE));
                assertThat(cut.greedy()).containsExactly(uncut.greedy());
            }
            HeadObjective.Result cut = new CrossEntropy().apply(pieces, x, TOKENS);
            HeadObjective.Result uncut = new CrossEntropy().apply(whole, x, TOKENS);
            assertThat(cut.value()).isCloseTo(uncut.value(), within(TOLERANCE));
            assertThat(difference(cut.gradient(), uncut.gradient())).isLessThan(TOLERANCE);
            assertThat(difference(weightGradient(pieces, x), weightGradient(whole, x))).isLessThan(TOLERANCE);
        }
    }

    @Test
    void greedyMeansTheTargetIsTheArgmax() {
        try (Model model = Model.streamed(Golden.STORIES, Device.cpu()); NDManager scope = model.newScope()) {
            NDArray x = scope.randomNormal(0, 3, new Shape(1, 6, 64), ai.djl.ndarray.types.DataType.FLOAT32);
            long[] best = model.head().logits(x.reshape(6, 64)).argMax(1).toLongArray();
            int[][] tokens = {{1, (int) best[0], (int) best[1], (int) best[2] ^ 1, (int) best[3], (int) best[4]}};

            assertThat(model.head().scores(x, tokens).getFirst().greedy()).containsExactly(true, true, false, true,
                    true);
        }
    }

    private static NDArray weightGradient(Head head, NDArray hidden) {
        NDManager scope = hidden.getManager();
        var parts = new NDList();
        head.forEachPiece(scope, piece -> {
            NDArray gradient = new CrossEntropy().weightGradient(head, piece, hidden, TOKENS);
            gradient.attach(scope);
            parts.add(gradient);
        });
        return NDArrays.concat(parts);
    }

    private static double difference(NDArray actual, NDArray expected) {
        return Golden.difference(actual.toFloatArray(), expected.toFloatArray());
    }
}
