package io.espalier.pruning.method.search;

import io.espalier.model.config.Role;
import io.espalier.model.forward.BlockHooks.Site;
import io.espalier.model.forward.BlockWeights;
import io.espalier.pruning.method.stream.Grams;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Sums of {@link Phi} for one block (eqs. 2 and 3): an attention dimension has its rows of q, k and v and its column of o;
 * a channel its rows of up and gate and its column of down. With grouped queries the R query heads of a KV head share its
 * dimensions, so theirs are added up [D].
 *
 * @param grams of all four inputs
 */
record DimensionScores(BlockWeights weights, Grams grams, int headDim) {
    static Set<Site> sites(BlockWeights weights) {
        Set<Site> sites = EnumSet.noneOf(Site.class);
        if (weights.has(Role.O)) {
            sites.addAll(List.of(Site.QKV_INPUT, Site.O_INPUT));
        }
        if (weights.has(Role.DOWN)) {
            sites.addAll(List.of(Site.GATE_UP_INPUT, Site.DOWN_INPUT));
        }
        return sites;
    }

    /** [Hkv * Dh] */
    double[] attention() {
        Phi input = phi(Site.QKV_INPUT);
        double[] sums = rows(input, Role.K);
        add(sums, rows(input, Role.V), 1);
        add(sums, rows(input, Role.Q), weights.shape().groupSize());
        add(sums, columns(phi(Site.O_INPUT), Role.O), weights.shape().groupSize());
        return sums;
    }

    /** [I] */
    double[] channels() {
        Phi input = phi(Site.GATE_UP_INPUT);
        double[] sums = rows(input, Role.UP);
        add(sums, rows(input, Role.GATE), 1);
        add(sums, columns(phi(Site.DOWN_INPUT), Role.DOWN), 1);
        return sums;
    }

    private Phi phi(Site site) {
        return Phi.of(grams.get(site));
    }

    private double[] rows(Phi phi, Role role) {
        return phi.rows(weights.get(role));
    }

    private double[] columns(Phi phi, Role role) {
        return phi.columns(weights.get(role));
    }

    /** Adds a vector [sums * groupSize], the heads of a group one after another, to one of [sums]. */
    private void add(double[] sums, double[] more, int groupSize) {
        for (int i = 0; i < more.length; i++) {
            int target = groupSize == 1 ? i : i / (groupSize * headDim) * headDim + i % headDim;
            sums[target] += more[i];
        }
    }
}
