package io.espalier.pruning.method.search;

/**
 * Numbers of the evolution; defaults are the paper's (appendix, "Search settings").
 *
 * @param population        N, candidates of a generation
 * @param mutants           Nm, of them mutants of the best
 * @param crossovers        Nc, of them crossovers of two of the best
 * @param survivors         k, best that are kept
 * @param generations       epochs
 * @param initialMask       Pm0, chance that a mask changes in the first generation
 * @param initialRatio      Ps0, chance that a ratio changes in the first generation
 * @param mask              Pm, the same later
 * @param ratio             Ps, the same later
 * @param depth             Pd, chance that the depth changes, never in the first generation
 * @param alpha             how much of a mask survives its mutation
 * @param tries             eta
 */
record EvolutionOptions(int population, int mutants, int crossovers, int survivors, int generations,
        double initialMask, double initialRatio, double mask, double ratio, double depth, double alpha, int tries,
        MaskMutation mutation) {
    EvolutionOptions {
        if (population < 1 || survivors < 1 || generations < 1 || mutants < 0 || crossovers < 0
                || mutants + crossovers > population) {
            throw new IllegalArgumentException("method: a generation of " + population + " cannot have " + mutants
                    + " mutants, " + crossovers + " crossovers and " + survivors + " survivors");
        }
    }
}
