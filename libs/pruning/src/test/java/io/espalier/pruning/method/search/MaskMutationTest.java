package io.espalier.pruning.method.search;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.pruning.method.random.SerialRandom;
import org.junit.jupiter.api.Test;

class MaskMutationTest {
    private final SerialRandom random = new SerialRandom(17);

    @Test
    void constructiveKeepsTheWantedShareAtAnySize() {
        Mask old = Mask.of(100, random.sample(100, 50));
        for (int count : new int[]{1, 20, 50, 70, 100}) {
            Mask mutated = MaskMutation.CONSTRUCTIVE.mutate(old, count, 0.8, 0, random);

            assertThat(mutated.count()).isEqualTo(count);
            assertThat(mutated.overlap(old)).isGreaterThanOrEqualTo((int) Math.ceil(0.8 * Math.min(50, count)));
        }
    }

    @Test
    void constructiveReachesEveryIndex() {
        Mask old = Mask.of(10, 0, 1, 2, 3, 4);
        boolean[] seen = new boolean[10];
        for (int i = 0; i < 500; i++) {
            Mask mutated = MaskMutation.CONSTRUCTIVE.mutate(old, 5, 0.6, 0, random);
            for (int index : mutated.indices()) {
                seen[index] = true;
            }
        }
        assertThat(seen).containsOnly(true);
    }

    /** A random half overlaps another by a quarter; 0.8 of all it can never reach. */
    @Test
    void literalNeverChangesASmallMask() {
        Mask half = Mask.of(100, random.sample(100, 50));

        assertThat(MaskMutation.LITERAL.mutate(half, 60, 0.8, 1000, random)).isEqualTo(half);
    }

    @Test
    void literalChangesALargeMask() {
        Mask most = Mask.of(100, random.sample(100, 95));

        Mask mutated = MaskMutation.LITERAL.mutate(most, 95, 0.8, 1000, random);

        assertThat(mutated).isNotEqualTo(most);
        assertThat(mutated.overlap(most)).isGreaterThanOrEqualTo(80);
    }

    @Test
    void masksSurviveJson() {
        Mask mask = Mask.of(172, random.sample(172, 77));

        assertThat(Mask.parse(mask.toString())).isEqualTo(mask);
        assertThat(Mask.parse(Mask.all(64).toString())).isEqualTo(Mask.all(64));
    }
}
