package io.espalier.pruning.method.search;

import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.plan.UnreachableTargetException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;

/**
 * The most important dimensions of every head (or KV groups of every layer) and channels, at one share for all. A rotary
 * pair scores the sum of its dimensions, a KV group that of all its dimensions [D].
 */
record InitialSubnet(SearchSpace space, Statistics statistics) {
    static String attention(int layer) {
        return "layer." + layer + ".attention.phi";
    }

    static String channels(int layer) {
        return "layer." + layer + ".mlp.phi";
    }

    /**
     * The largest subnet of the parameter range: one share for both types; what whole units leave open goes to the
     * channels [D].
     *
     * @throws IllegalArgumentException if none is small enough
     */
    Genome create() {
        Genome least = genome(0, 0);
        if (space.parameters(least) > space.most()) {
            throw new UnreachableTargetException(
                    "target: " + space.most() + " parameters cannot be reached: what every "
                            + "layer keeps leaves " + space.parameters(least));
        }
        double both = largest(share -> genome(share, share));
        double channels = largest(share -> genome(both, share));
        return genome(both, channels);
    }

    /** The largest share, by bisection, whose genome is small enough. */
    private double largest(DoubleFunction<Genome> genomes) {
        double fits = 0;
        double exceeds = 1;
        if (space.parameters(genomes.apply(1)) <= space.most()) {
            return 1;
        }
        for (int i = 0; i < 40; i++) {
            double middle = (fits + exceeds) / 2;
            if (space.parameters(genomes.apply(middle)) <= space.most()) {
                fits = middle;
            } else {
                exceeds = middle;
            }
        }
        return fits;
    }

    private Genome genome(double attentionShare, double channelShare) {
        List<Gene> genes = new ArrayList<>();
        for (int layer = 0; layer < space.layers(); layer++) {
            genes.add(gene(layer, space.attentionCount(layer, attentionShare),
                    space.channelCount(layer, channelShare)));
        }
        return new Genome(genes);
    }

    private Gene gene(int layer, int attention, int channels) {
        ModelShape shape = space.shape();
        int all = shape.layer(layer).channels();
        List<Mask> masks = IntStream.range(0, space.attentionMasks(layer))
                .mapToObj(mask -> top(attentionScores(layer, mask), attention)).toList();
        return new Gene(true, masks, channels == all
                ? Mask.all(all)
                : top(statistics.get(channels(layer)), channels));
    }

    /** One score for each entry of a mask. */
    private double[] attentionScores(int layer, int mask) {
        double[] scores = new double[space.attentionSize(layer)];
        double[] dims = statistics.find(attention(layer)).orElse(null);
        if (dims == null) {
            return scores; // a layer outside the range keeps all
        }
        int headDim = space.shape().headDim();
        if (!space.insideHeads()) {
            IntStream.range(0, dims.length).forEach(i -> scores[i / headDim] += dims[i]);
            return scores;
        }
        int half = headDim / 2;
        for (int pair = 0; pair < half; pair++) {
            scores[pair] = dims[mask * headDim + pair] + dims[mask * headDim + pair + half];
        }
        return scores;
    }

    /** The highest; of equals the first. */
    private static Mask top(double[] scores, int count) {
        return Mask.of(scores.length, IntStream.range(0, scores.length).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -scores[i]).thenComparing(i -> i)).limit(count)
                .toList());
    }
}
