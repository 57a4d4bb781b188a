package io.espalier.pruning.method.stream;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.espalier.model.config.LayerShape;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.BlockHooks;
import io.espalier.pruning.method.algebra.RowBlocks;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * Adds up {@code sum over tokens x x^T} at chosen inputs of a block's linear layers, in fp64, one sequence after the
 * other: the sum does not depend on the micro-batch.
 */
public final class Grams implements BlockHooks {
    /** How often a weight may stand in memory in fp64: it, what is made of it, and what the allocator keeps of both. */
    private static final int WEIGHTS = 3;

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
                    RowBlocks.forEach(sum, (step, from, to, rows) -> {
                        NDArray part = tokens.get(new NDIndex(":, {}:{}", from, to));
                        part.attach(step);
                        rows.addi(part.transpose().matMul(tokens));
                    });
                }
            }
        }
        return x;
    }

    /**
     * Bytes for the sums at some inputs of the widest block, one Cholesky factor, and a weight in fp64 with what a method
     * makes of it.
     */
    public static long bytes(ModelConfig config, Set<Site> sites) {
        return config.layers().stream().mapToLong(layer -> bytes(config, layer, sites)).max().orElse(0);
    }

    private static long bytes(ModelConfig config, LayerShape layer, Set<Site> sites) {
        long squares = 0;
        long largest = 0;
        for (Site site : sites) {
            long channels = channels(config, layer, site);
            squares += channels * channels;
            largest = Math.max(largest, channels);
        }
        return Double.BYTES * (squares + largest * largest / 2 + WEIGHTS * largest * config.hiddenSize());
    }

    private static long channels(ModelConfig config, LayerShape layer, Site site) {
        return switch (site) {
            case QKV_INPUT, GATE_UP_INPUT -> config.hiddenSize();
            case O_INPUT -> (long) layer.queryHeads() * config.headDim();
            case DOWN_INPUT -> layer.channels();
        };
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
