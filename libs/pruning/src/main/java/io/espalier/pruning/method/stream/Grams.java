package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.forward.BlockHooks;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Adds up {@code sum over tokens x x^T} at chosen inputs of a block's linear layers, in fp64, one sequence after the
 * other: the sum does not depend on the micro-batch.
 */
public final class Grams implements BlockHooks {
    private final NDManager scope;
    private final Set<Site> sites;
    private final Map<Site, NDArray> sums = new EnumMap<>(Site.class);

    /** @param scope where the sums live */
    public Grams(NDManager scope, Set<Site> sites) {
        this.scope = scope;
        this.sites = Set.copyOf(sites);
    }

    @Override
    public NDArray input(Site site, NDArray x) {
        if (sites.contains(site)) {
            long channels = x.getShape().get(2);
            NDArray sum = sums.computeIfAbsent(site,
                    _ -> scope.zeros(new Shape(channels, channels), DataType.FLOAT64));
            for (long b = 0; b < x.getShape().get(0); b++) {
                try (NDManager inner = x.getManager().newSubManager()) {
                    NDArray tokens = x.get(b).toType(DataType.FLOAT64, false); // (T, channels)
                    tokens.attach(inner);
                    sum.addi(tokens.transpose().matMul(tokens));
                }
            }
        }
        return x;
    }

    /** [channels, channels], fp64; lives in the scope. */
    public NDArray get(Site site) {
        NDArray sum = sums.get(site);
        if (sum == null) {
            throw new IllegalStateException("nothing has passed " + site);
        }
        return sum;
    }
}
