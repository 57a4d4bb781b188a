package io.espalier.pruning.method.search;

import java.util.List;

/**
 * What a genome says of one layer.
 *
 * @param present   whether the layer is there; the masks of an absent one wait for its return
 * @param attention one mask over the layer's KV groups; or, where heads are pruned inside, one mask over the rotary
 *                  pairs of each KV group, all of the same count [D]
 * @param channels  over the MLP channels
 */
record Gene(boolean present, List<Mask> attention, Mask channels) {
    Gene {
        attention = List.copyOf(attention);
    }

    /** Kept entries of each attention mask. */
    int attentionCount() {
        return attention.getFirst().count();
    }

    Gene withPresent(boolean there) {
        return new Gene(there, attention, channels);
    }

    Gene withAttention(List<Mask> masks) {
        return new Gene(present, masks, channels);
    }

    Gene withChannels(Mask mask) {
        return new Gene(present, attention, mask);
    }
}
