package io.espalier.model.forward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.espalier.model.Golden;
import io.espalier.model.text.Tokenizer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratorTest {
    @ParameterizedTest
    @ValueSource(strings = {"stories", "llama3", "mistral-window", "qwen2", "qwen3"})
    void decodingWithACacheEqualsTheWholeForwardPass(String name) {
        try (Golden golden = new Golden(name); Model model = Model.resident(Golden.model(name), Device.cpu())) {
            int[] tokens = golden.tokens()[0];
            int vocabulary = model.config().vocabularySize();
            float[] expected = golden.floats("logits");
            int prompt = 5;
            try (Generator generator = new Generator(model)) {
                float[] logits = generator.prefill(Arrays.copyOf(tokens, prompt));
                for (int t = prompt; t < tokens.length; t++) {
                    assertThat(Golden.difference(logits,
                            Arrays.copyOfRange(expected, (t - 1) * vocabulary, t * vocabulary))).isLessThan(1e-5);
                    logits = generator.decode(tokens[t]);
                }
                assertThat(generator.length()).isEqualTo(tokens.length);
            }
        }
    }

    @Test
    void greedyTextIsThatOfTransformers() {
        try (Model model = Model.resident(Golden.STORIES, Device.cpu());
                Tokenizer tokenizer = Tokenizer.open(Golden.STORIES);
                Generator generator = new Generator(model)) {
            int[] ids = tokenizer.encode("Once upon a time, there was a little girl named Lily.");
            float[] logits = generator.prefill(ids);
            int prompt = ids.length;
            for (int i = 0; i < 47; i++) {
                ids = Arrays.copyOf(ids, ids.length + 1);
                ids[ids.length - 1] = argmax(logits);
                logits = generator.decode(ids[ids.length - 1]);
            }

            assertThat(ids).hasSize(prompt + 47);
            assertThat(tokenizer.decode(ids)).isEqualTo("Once upon a time, there was a little girl named Lily. She "
                    + "loved to play outside in the park. One day, she saw a big, red ball. She wanted to play with "
                    + "it, but it was too high.\n");
        }
    }

    /** More queries than one piece of the attention holds. */
    @Test
    void longSequencesAreComputedInPieces() {
        int[] tokens = new int[300];
        Arrays.setAll(tokens, i -> 3 + i * 7 % 500);
        try (Model model = Model.resident(Golden.STORIES, Device.cpu());
                NDManager scope = model.newScope();
                Generator oneByOne = new Generator(model);
                ActivationStream stream = new Streamer(model).stream(MicroBatches.of(new int[][]{tokens}, 1))) {
            for (int layer = 0; layer < 5; layer++) {
                stream.advance(model.block(scope, layer), m -> BlockHooks.NONE);
            }
            NDArray x = stream.activation(scope, 0);
            float[] whole = model.head().logits(x.get(":, -1").reshape(1, 64)).toFloatArray();

            float[] logits = oneByOne.prefill(Arrays.copyOf(tokens, 1));
            for (int t = 1; t < tokens.length; t++) {
                logits = oneByOne.decode(tokens[t]);
            }

            assertThat(Golden.difference(whole, logits)).isLessThan(1e-5);
        }
    }

    @Test
    void tooLongSequencesAndForeignTokensAreRefused() {
        try (Model model = Model.resident(Golden.STORIES, Device.cpu()); Generator generator = new Generator(model)) {
            assertThatThrownBy(() -> generator.prefill(new int[513])).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("512 positions");
            assertThatThrownBy(() -> generator.prefill(new int[]{1, 512})).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("vocabulary of 512");
        }
    }

    private static int argmax(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }
}
