package io.espalier.model.forward;

import java.util.List;

/**
 * How several sequences with a common beginning lie in one: the tokens of the stem, and behind them one branch after the
 * other. A branch stands at the positions behind the stem and sees the stem and itself, as if the others were not there; so
 * what is computed for it is what its own sequence would give. What lies behind the last branch only fills up.
 *
 * @param stem tokens of the common beginning, at least 1
 * @param ends where each branch ends; the first begins behind the stem, each other where the one before it ends
 */
public record Branches(int stem, List<Integer> ends) {
    public Branches {
        ends = List.copyOf(ends);
        int before = stem;
        if (stem < 1 || ends.isEmpty()) {
            throw new IllegalArgumentException("a stem of " + stem + " tokens with " + ends.size() + " branches");
        }
        for (int end : ends) {
            if (end < before) {
                throw new IllegalArgumentException("branches must end one behind the other: " + ends);
            }
            before = end;
        }
    }

    /** Where a branch begins. */
    public int begin(int branch) {
        return branch == 0 ? stem : ends.get(branch - 1);
    }

    /** For each of {@code length} tokens where its branch begins; 0 for those of the stem. */
    int[] begins(int length) {
        int[] begins = new int[length];
        int branch = 0;
        for (int t = stem; t < length; t++) {
            while (branch < ends.size() - 1 && t >= ends.get(branch)) {
                branch++;
            }
            begins[t] = begin(branch);
        }
        return begins;
    }

    /**
     * For each of {@code length} tokens its position.
     *
     * @param most positions that the model has: filling stops there
     */
    int[] positions(int length, int most) {
        int[] positions = begins(length);
        for (int t = 0; t < length; t++) {
            positions[t] = Math.min(most - 1, positions[t] == 0 ? t : stem + t - positions[t]);
        }
        return positions;
    }
}
