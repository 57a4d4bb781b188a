package io.espalier.pruning.method.search;

import java.util.ArrayList;
import java.util.List;

/** One subnet: a gene for each layer of the original. */
record Genome(List<Gene> genes) {
    Genome {
        genes = List.copyOf(genes);
    }

    Gene gene(int layer) {
        return genes.get(layer);
    }

    Genome with(int layer, Gene gene) {
        List<Gene> copy = new ArrayList<>(genes);
        copy.set(layer, gene);
        return new Genome(copy);
    }

    int depth() {
        return (int) genes.stream().filter(Gene::present).count();
    }
}
