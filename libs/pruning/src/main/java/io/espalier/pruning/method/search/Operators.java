package io.espalier.pruning.method.search;

import io.espalier.pruning.method.random.SerialRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Mutation, crossover, and the way back into the parameter range. Draws only from the random state it is given. */
final class Operators {
    private final SearchSpace space;
    private final EvolutionOptions options;
    private final SerialRandom random;

    Operators(SearchSpace space, EvolutionOptions options, SerialRandom random) {
        this.space = space;
        this.options = options;
        this.random = random;
    }

    /** Ratios, then masks; the depth stays. */
    Genome initialStyle(Genome parent) {
        return mutateMasks(parent, options.initialRatio(), options.initialMask());
    }

    /** Depth, ratios, masks. */
    Genome mutant(Genome parent) {
        Genome genome = random.chance(options.depth()) ? mutateDepth(parent) : parent;
        return mutateMasks(genome, options.ratio(), options.mask());
    }

    /** Each gene from one of both parents; the paper says no more than "combined", the released code does this. */
    Genome crossover(Genome mother, Genome father) {
        List<Gene> genes = new ArrayList<>();
        for (int layer = 0; layer < space.layers(); layer++) {
            Gene a = mother.gene(layer);
            Gene b = father.gene(layer);
            boolean attentionFromMother = random.nextBoolean();
            boolean channelsFromMother = random.nextBoolean();
            genes.add(new Gene(a.present(), attentionFromMother ? a.attention() : b.attention(),
                    channelsFromMother ? a.channels() : b.channels()));
        }
        Genome child = new Genome(genes);
        if (!random.nextBoolean()) {
            for (int layer = 0; layer < space.layers(); layer++) {
                child = child.with(layer, child.gene(layer).withPresent(father.gene(layer).present()));
            }
        }
        return space.constraints().uniform() ? levelled(child, random.nextBoolean() ? mother : father) : child;
    }

    private Genome mutateMasks(Genome parent, double ratioChance, double maskChance) {
        boolean uniform = space.constraints().uniform();
        boolean attentionForAll = uniform && random.chance(ratioChance);
        boolean channelsForAll = uniform && random.chance(ratioChance);
        double attentionShare = space.attention().draw(random);
        double channelShare = space.mlp().draw(random);
        Genome genome = parent;
        for (int layer = 0; layer < space.layers(); layer++) {
            Gene gene = genome.gene(layer);
            int attention = gene.attentionCount();
            int channels = gene.channels().count();
            if (uniform ? attentionForAll : random.chance(ratioChance)) {
                double share = uniform ? attentionShare : space.attention().draw(random);
                attention = space.attentionCount(layer, share);
            }
            if (uniform ? channelsForAll : random.chance(ratioChance)) {
                double share = uniform ? channelShare : space.mlp().draw(random);
                channels = space.channelCount(layer, share);
            }
            genome = genome.with(layer, resized(gene, attention, channels, maskChance));
        }
        return genome;
    }

    private Gene resized(Gene gene, int attention, int channels, double maskChance) {
        List<Mask> masks = gene.attention();
        if (attention != gene.attentionCount() || random.chance(maskChance)) {
            List<Mask> mutated = masks.stream().map(mask -> mutated(mask, attention)).toList();
            boolean even = mutated.stream().mapToInt(Mask::count).distinct().count() == 1;
            masks = even ? mutated : masks; // literal mutation may fail for some heads only
        }
        boolean change = channels != gene.channels().count() || random.chance(maskChance);
        return new Gene(gene.present(), masks, change ? mutated(gene.channels(), channels) : gene.channels());
    }

    private Mask mutated(Mask mask, int count) {
        return options.mutation().mutate(mask, count, options.alpha(), options.tries(), random);
    }

    /** One of the depths that the space allows: the tail is cut or grown, or (any depth) random layers go or return. */
    private Genome mutateDepth(Genome parent) {
        int depth = space.minDepth() + random.nextInt(space.layers() - space.minDepth() + 1);
        Genome genome = parent;
        while (genome.depth() != depth) {
            boolean cut = genome.depth() > depth;
            Genome now = genome;
            List<Integer> candidates = IntStream.range(0, space.layers())
                    .filter(layer -> now.gene(layer).present() == cut && space.isRemovable(layer)).boxed().toList();
            if (candidates.isEmpty()) {
                break;
            }
            int layer = space.anyDepth() ? random.pick(candidates) : cut ? candidates.getLast() : candidates.getFirst();
            genome = genome.with(layer, genome.gene(layer).withPresent(!cut));
        }
        return genome;
    }

    /** Gives every layer the widths of a model whose layers are all equal. */
    private Genome levelled(Genome genome, Genome model) {
        Genome level = genome;
        for (int layer = 0; layer < space.layers(); layer++) {
            level = level.with(layer, resized(level.gene(layer), model.gene(layer).attentionCount(),
                    model.gene(layer).channels().count(), 0));
        }
        return level;
    }

    /**
     * Moves a genome into the parameter range by changing MLP widths, by one step of the ratio range at a time and in
     * random layers [D]: the paper draws again and again, which with a narrow range hardly ever succeeds.
     *
     * @return the genome unchanged if no width can move any further
     */
    Genome intoRange(Genome genome) {
        Genome moved = genome;
        for (int step = 0; step < 1000 && !space.contains(moved); step++) {
            long excess = space.parameters(moved) - space.most();
            boolean shrink = excess > 0;
            long gap = shrink ? excess : space.least() - space.parameters(moved);
            int together = space.constraints().uniform() ? moved.depth() : 1;
            long needed = Math.ceilDiv(gap, space.shape().channelCost() * together);
            Genome now = moved;
            List<Integer> movable = IntStream.range(0, space.layers())
                    .filter(layer -> now.gene(layer).present() && next(layer, now.gene(layer), shrink, needed) >= 0)
                    .boxed()
                    .toList();
            if (movable.isEmpty()) {
                return genome;
            }
            List<Integer> chosen = space.constraints().uniform() ? movable : List.of(random.pick(movable));
            for (int layer : chosen) {
                Gene gene = moved.gene(layer);
                moved = moved.with(layer, gene.withChannels(
                        MaskMutation.CONSTRUCTIVE.mutate(gene.channels(), next(layer, gene, shrink, needed), 1, 0,
                                random)));
            }
        }
        return moved;
    }

    /** The next width on the way into the range, no further than needed; -1 at the end of the ratio range. */
    private int next(int layer, Gene gene, boolean shrink, long needed) {
        int size = gene.channels().size();
        int count = gene.channels().count();
        int stride = Math.max((int) Math.round(space.mlp().step() * size), 1);
        int least = space.channelCount(layer, space.mlp().min());
        int most = space.channelCount(layer, space.mlp().max());
        long step = Math.max(Math.min(stride, needed), space.constraints().channelMultiple());
        int wanted = Math.clamp(shrink ? count - step : count + step, least, most);
        int next = space.channelCount(layer, (double) wanted / size);
        return next == count ? -1 : next;
    }
}
