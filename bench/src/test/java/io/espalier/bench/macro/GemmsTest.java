package io.espalier.bench.macro;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.bench.TestHome;
import io.espalier.model.config.ModelConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class GemmsTest {
    /** hidden 64, 4 layers, 8 heads of 8, 176 channels, 512 tokens in the vocabulary. */
    private static final ModelConfig TINY = ModelConfig.read(TestHome.ROOT.resolve("tools/random-models/tiny"));

    @Test
    void sequencesAreCutIntoMicroBatches() {
        assertThat(Gemms.of(TINY, 10, 16, 8).batches()).containsExactly(new Gemms.Batch(8, 16), new Gemms.Batch(2, 16));
    }

    @Test
    void operationsAreThoseOfAllProducts() {
        var gemms = new Gemms(TINY, List.of(new Gemms.Batch(2, 16)));
        double tokens = 32;
        double weights = 4 * (4 * 64 * 64 + 3 * 64 * 176);
        double linear = 2 * tokens * weights;
        double attention = 4 * 2 * (2 * 8 * 2.0 * 16 * 16 * 8); // layers, products, sequences, heads, 2 T T d
        double head = 2 * tokens * 64 * 512;

        assertThat(gemms.operations(Gemms.Pass.FORWARD)).isEqualTo(linear + attention + head);
        assertThat(gemms.operations(Gemms.Pass.SCORING)).as("a backward pass has twice the products")
                .isEqualTo(3 * linear + 3 * attention + 2 * head);
        assertThat(gemms.operations(Gemms.Pass.ADAPTERS)).isEqualTo(2 * linear + 3 * attention + 2 * head);
        assertThat(gemms.operations(Gemms.Pass.SCORING.recomputed()))
                .isEqualTo(4 * linear + 4 * attention + 2 * head);
    }

    @Test
    void theProductsAloneTakeTime() throws Exception {
        assertThat(new Gemms(TINY, List.of(new Gemms.Batch(2, 16))).seconds(Gemms.Pass.SCORING, 1)).isPositive();
    }
}
