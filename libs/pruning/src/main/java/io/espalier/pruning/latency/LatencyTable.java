package io.espalier.pruning.latency;

import java.util.List;

/**
 * Times of variants of one model, all measured in one process and in turns.
 *
 * @param device   where
 * @param threads  of the engine
 * @param prompt   tokens of the prefill
 * @param decoded  tokens behind it
 * @param rounds   repetitions that count
 * @param variants the widest first
 */
public record LatencyTable(String device, int threads, int prompt, int decoded, int rounds, List<Variant> variants) {
    public LatencyTable {
        variants = List.copyOf(variants);
    }

    /** Which pass is meant. */
    public enum Phase {
        /** The prompt at once. */
        PREFILL,
        /** One more token. */
        DECODE
    }

    /** @param decode for each token */
    public record Variant(Widths widths, Timing prefill, Timing decode) {
        public Timing of(Phase phase) {
            return phase == Phase.PREFILL ? prefill : decode;
        }
    }

    /** Milliseconds: the middle of the repetitions, and between which values half of them lie. */
    public record Timing(double median, double firstQuartile, double thirdQuartile) {}
}
