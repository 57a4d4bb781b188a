package io.espalier.evaluation.task;

import java.util.Collections;
import java.util.List;

/** CPython's {@code random.Random(seed)} for a small seed: MT19937, seeded by {@code init_by_array([seed])}. */
final class PythonRandom {
    private static final int N = 624;
    private static final int M = 397;
    private final int[] state = new int[N];
    private int next = N;

    PythonRandom(int seed) {
        state[0] = 19650218;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ state[i - 1] >>> 30) + i;
        }
        int i = 1;
        for (int k = 0; k < N; k++) {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >>> 30) * 1664525) + seed;
            i = following(i);
        }
        for (int k = 0; k < N - 1; k++) {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >>> 30) * 1566083941) - i;
            i = following(i);
        }
        state[0] = 0x80000000;
    }

    private int following(int i) {
        if (i + 1 < N) {
            return i + 1;
        }
        state[0] = state[N - 1];
        return 1;
    }

    /** {@code random.random()}: 53 bits. */
    double random() {
        long high = bits(27);
        long low = bits(26);
        return (high * 67108864.0 + low) / 9007199254740992.0;
    }

    /** {@code random.shuffle(list)}. */
    void shuffle(List<?> list) {
        for (int i = list.size() - 1; i > 0; i--) {
            Collections.swap(list, i, below(i + 1));
        }
    }

    private int below(int n) {
        int width = 32 - Integer.numberOfLeadingZeros(n);
        int value = (int) bits(width);
        while (value >= n) {
            value = (int) bits(width);
        }
        return value;
    }

    private long bits(int width) {
        return Integer.toUnsignedLong(word()) >>> 32 - width;
    }

    private int word() {
        if (next == N) {
            twist();
            next = 0;
        }
        int y = state[next++];
        y ^= y >>> 11;
        y ^= y << 7 & 0x9d2c5680;
        y ^= y << 15 & 0xefc60000;
        return y ^ y >>> 18;
    }

    private void twist() {
        for (int i = 0; i < N; i++) {
            int y = state[i] & 0x80000000 | state[(i + 1) % N] & 0x7fffffff;
            state[i] = state[(i + M) % N] ^ y >>> 1 ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }
    }
}
