package io.espalier.pruning.plan;

/** The one message for targets below what the constraints leave. */
final class Unreachable {
    private Unreachable() {}

    static void check(long budget, long least) {
        if (least > budget) {
            throw new UnreachableTargetException("target: " + budget
                    + " parameters cannot be reached: with these layer "
                    + "ranges and minimum widths at least " + least + " stay; widen layers.attention and layers.mlp "
                    + "or ask for less");
        }
    }
}
