package io.espalier.pruning.method.random;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014) with its whole state in
 * one long, so that a search can be put down in JSON and taken up elsewhere without a change in what it draws.
 */
public final class SerialRandom implements RandomGenerator {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    public SerialRandom(long state) {
        this.state = state;
    }

    public long state() {
        return state;
    }

    @Override
    public long nextLong() {
        state += GOLDEN_GAMMA;
        long z = state;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    /** True with the given probability. */
    public boolean chance(double probability) {
        return nextDouble() < probability;
    }

    public <T> T pick(List<T> list) {
        return list.get(nextInt(list.size()));
    }

    /** {@code count} distinct numbers of {@code 0..size-1}, ascending; each set equally likely. */
    public int[] sample(int size, int count) {
        int[] chosen = new int[count];
        int taken = 0;
        for (int i = 0; taken < count; i++) { // Knuth, selection sampling (algorithm S)
            if (nextInt(size - i) < count - taken) {
                chosen[taken++] = i;
            }
        }
        return chosen;
    }
}
