package io.espalier.evaluation.likelihood;

import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.Branches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which readings are worth being branches of one. A token takes the weights of a block once; attention takes every pair of
 * tokens, half of them where a plain sequence sees only what is before, all where branches need a mask. Large models save
 * what tokens they save, tiny ones may lose more in attention [D].
 *
 * @param mostTokens of one reading; 0 shares nothing
 * @param token      multiply-accumulates of a block for each token
 * @param pair       for each pair of tokens
 */
record Sharing(int mostTokens, double token, double pair) {
    static final Sharing NONE = new Sharing(0, 1, 0);
    /** Fewer tokens saved do not pay for masks. */
    private static final int WORTH = 16;
    private static final int MOST = 1024;
    /** What a further branch may take of what the reading would take alone. */
    private static final double SAVING = 0.6;
    /** Exponential and division of one pair in one head, as so many multiply-accumulates; measured here. */
    private static final double SOFTMAX = 32;

    /** Heads that have lost dimensions turn each in its own way and are read alone. */
    static Sharing of(ModelConfig config, Limits limits) {
        if (config.layers().stream().anyMatch(layer -> layer.headDims() != null)) {
            return NONE;
        }
        double layers = config.layers().size();
        double weights = config.tensors().stream().filter(tensor -> tensor.layer() >= 0).mapToLong(config::parameters)
                .sum();
        double heads = config.layers().stream().mapToInt(LayerShape::queryHeads).sum();
        return new Sharing(Math.min(MOST, limits.microBatchTokens()), weights / layers, heads / layers * (2 * config
                .headDim() + SOFTMAX));
    }

    /** @param readings plain ones; those that begin alike are neighbours */
    List<Reading> join(List<Reading> readings) {
        List<Reading> joined = new ArrayList<>();
        List<Reading> group = new ArrayList<>();
        int stem = 0;
        for (Reading reading : readings) {
            int common = group.isEmpty() ? 0 : Math.min(common(group.getLast(), reading), stem);
            if (!group.isEmpty() && !isWorth(group, stem, reading, common)) {
                joined.add(joined(group, stem));
                group.clear();
            }
            stem = group.isEmpty() ? reading.input().length : common;
            group.add(reading);
        }
        if (!group.isEmpty()) {
            joined.add(joined(group, stem));
        }
        return joined;
    }

    /** Whether one more saves time, although the stem may become shorter. */
    private boolean isWorth(List<Reading> group, int stem, Reading more, int common) {
        int before = tokens(group, stem);
        List<Reading> larger = new ArrayList<>(group);
        larger.add(more);
        int together = tokens(larger, common);
        double without = group.size() == 1 ? plainCost(before) : maskedCost(before);
        return together <= mostTokens && before + more.input().length - together >= WORTH
                && maskedCost(together) - without <= SAVING * plainCost(more.input().length);
    }

    private double plainCost(double tokens) {
        return tokens * token + tokens * tokens / 2 * pair;
    }

    private double maskedCost(double tokens) {
        return tokens * token + tokens * tokens * pair;
    }

    private static int tokens(List<Reading> group, int stem) {
        return stem + group.stream().mapToInt(reading -> reading.input().length - stem).sum();
    }

    private static int common(Reading one, Reading other) {
        int mismatch = Arrays.mismatch(one.input(), other.input());
        return mismatch < 0 ? one.input().length : mismatch;
    }

    private static Reading joined(List<Reading> group, int stem) {
        if (group.size() == 1) {
            return group.getFirst();
        }
        int[] input = Arrays.copyOf(group.getFirst().input(), tokens(group, stem));
        List<Integer> ends = new ArrayList<>();
        List<Reading.Part> parts = new ArrayList<>();
        int at = stem;
        for (int branch = 0; branch < group.size(); branch++) {
            Reading reading = group.get(branch);
            int own = reading.input().length - stem;
            System.arraycopy(reading.input(), stem, input, at, own);
            at += own;
            ends.add(at);
            for (Reading.Part part : reading.parts()) {
                parts.add(new Reading.Part(part.span(), branch, part.position(), part.targets()));
            }
        }
        return new Reading(input, new Branches(stem, ends), parts);
    }
}
