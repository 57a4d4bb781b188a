package io.espalier.pruning.method;

/**
 * What a method's scoring needs, and how it may be spread.
 *
 * @param calibrated whether it reads calibration samples
 * @param sets       calibration sets to score, 1 for nearly all methods
 * @param steps      steps of an iterative pruning, each with new samples; 1 for nearly all methods
 * @param probe      sequences for measuring candidates, null where nothing is measured
 * @param together   fewest samples that one task may have; the first ones must not be torn apart
 * @param ranges     of layers that hand on what they compute, 1 where there are none
 * @param note       why scoring is one task, for the report; null where it fans out
 */
public record Scoring(Sharding sharding, boolean calibrated, int sets, int steps, Probe probe, int together,
        int ranges, String note) {
    /** Further sequences, drawn apart from the calibration samples. */
    public record Probe(int samples, int length) {}

    /** From the weights alone, layer by layer. */
    public static Scoring ofWeights() {
        return new Scoring(Sharding.BY_LAYERS, false, 1, 1, null, 1, 1, null);
    }

    /** Sums over samples that add up exactly. */
    public static Scoring bySamples() {
        return new Scoring(Sharding.BY_SAMPLES, true, 1, 1, null, 1, 1, null);
    }

    /** From samples, layer by layer: each task passes all samples through the blocks up to its own. */
    public static Scoring byLayers() {
        return new Scoring(Sharding.BY_LAYERS, true, 1, 1, null, 1, 1, null);
    }

    /** In ranges of layers that hand on what they compute. */
    public static Scoring byRanges(int count) {
        return new Scoring(Sharding.BY_RANGES, true, 1, 1, null, 1, count, null);
    }

    /** One task over all samples, for the reason given. */
    public static Scoring whole(String note) {
        return new Scoring(Sharding.WHOLE, true, 1, 1, null, 1, 1, note);
    }

    public Scoring withTogether(int samples) {
        return new Scoring(sharding, calibrated, sets, steps, probe, samples, ranges, note);
    }

    public Scoring withSets(int count) {
        return new Scoring(sharding, calibrated, count, steps, probe, together, ranges, note);
    }

    public Scoring withSteps(int count) {
        return new Scoring(sharding, calibrated, sets, count, probe, together, ranges, note);
    }

    public Scoring withProbe(int samples, int length) {
        return new Scoring(sharding, calibrated, sets, steps, new Probe(samples, length), together,
                ranges, note);
    }
}
