package io.espalier.pruning.method.search;

import io.espalier.pruning.method.random.SerialRandom;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Mask mutation of Search for Efficient LLMs (arXiv:2409.17372, section 3.2): another set of a wanted size that has much
 * in common with the old one.
 */
enum MaskMutation {
    /**
     * The threshold as a share of the smaller of both sets, and the new set built at once: a random share alpha of the
     * old one, filled up evenly from all others [D]. See {@link #LITERAL} for why.
     */
    CONSTRUCTIVE {
        @Override
        Mask mutate(Mask old, int count, double alpha, int tries, SerialRandom random) {
            int common = (int) Math.ceil(alpha * Math.min(old.count(), count));
            int[] indices = old.indices();
            int[] stay = Arrays.stream(random.sample(indices.length, common)).map(i -> indices[i]).toArray();
            Mask staying = Mask.of(old.size(), stay);
            int[] others = IntStream.range(0, old.size()).filter(i -> !staying.keeps(i)).toArray();
            int[] fill = Arrays.stream(random.sample(others.length, count - common)).map(i -> others[i]).toArray();
            return Mask.of(old.size(), IntStream.concat(Arrays.stream(stay), Arrays.stream(fill)).toArray());
        }
    },
    /**
     * As printed: random sets until one shares {@code alpha N} of all N indices with the old one. With the paper's
     * alpha of 0.8 that is impossible below a kept share of 0.8 and unlikely below 0.9; then the old mask stays, old
     * size and all, and the new ratio is missed.
     */
    LITERAL {
        @Override
        Mask mutate(Mask old, int count, double alpha, int tries, SerialRandom random) {
            for (int i = 0; i < tries; i++) {
                Mask candidate = Mask.of(old.size(), random.sample(old.size(), count));
                if (candidate.overlap(old) >= alpha * old.size()) {
                    return candidate;
                }
            }
            return old;
        }
    };

    /**
     * @param count size of the new set
     * @param alpha how much of the old set remains, 0 to 1
     * @param tries eta of the paper; of no use to {@link #CONSTRUCTIVE}
     */
    abstract Mask mutate(Mask old, int count, double alpha, int tries, SerialRandom random);
}
