package io.espalier.pruning.method.search;

import io.espalier.pruning.method.random.SerialRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The evolution of Search for Efficient LLMs (arXiv:2409.17372, algorithm 1) as a state machine: it proposes the
 * candidates of a generation, is told their perplexities, and goes on, until the last generation has been measured. The
 * whole state, random numbers included, is in {@link State}; the same state and the same measurements lead to the same
 * next state, wherever and whenever.
 *
 * <p>The initial subnet is itself a candidate of generation 0 [D], so that the result is never worse than it.
 */
final class Evolution {
    /** Draws for one child before it is moved into the parameter range. */
    private static final int DRAWS = 10;
    /** Children in vain, per child wanted, before a generation stays smaller than asked for. */
    private static final int ATTEMPTS = 10;

    private final SearchSpace space;
    private final EvolutionOptions options;

    Evolution(SearchSpace space, EvolutionOptions options) {
        this.space = space;
        this.options = options;
    }

    /** @param value perplexity */
    record Scored(Genome genome, double value) {}

    /**
     * @param random     state of {@link SerialRandom}
     * @param generation the pending one, from 0; equals the number of generations when all is done
     * @param best       the best so far, the very best first
     * @param pending    candidates to be measured
     */
    record State(long random, int generation, List<Scored> best, List<Genome> pending) {
        State {
            best = List.copyOf(best);
            pending = List.copyOf(pending);
        }

        boolean isDone() {
            return pending.isEmpty();
        }
    }

    State begin(Genome initial, long seed) {
        SerialRandom random = new SerialRandom(seed);
        Operators operators = new Operators(space, options, random);
        Children children = new Children(operators, Set.of());
        children.add(initial);
        children.fill(options.population(), () -> operators.initialStyle(initial));
        return new State(random.state(), 0, List.of(), children.list());
    }

    /** @param measured value of each pending candidate; NaN counts as worst */
    State next(State state, List<Double> measured) {
        if (measured.size() != state.pending().size()) {
            throw new IllegalArgumentException(
                    measured.size() + " values for " + state.pending().size() + " candidates");
        }
        List<Scored> fresh = new ArrayList<>();
        for (int i = 0; i < measured.size(); i++) {
            fresh.add(new Scored(state.pending().get(i), measured.get(i)));
        }
        List<Scored> best = Stream.concat(state.best().stream(), fresh.stream())
                .sorted(Comparator.comparingDouble(Scored::value)).limit(options.survivors()).toList();
        int generation = state.generation() + 1;
        if (generation >= options.generations()) {
            return new State(state.random(), generation, best, List.of());
        }
        SerialRandom random = new SerialRandom(state.random());
        List<Genome> pending = breed(best.stream().map(Scored::genome).toList(), random);
        return new State(random.state(), generation, best, pending);
    }

    private List<Genome> breed(List<Genome> parents, SerialRandom random) {
        Operators operators = new Operators(space, options, random);
        Children children = new Children(operators, Set.copyOf(parents));
        children.fill(options.mutants(), () -> operators.mutant(random.pick(parents)));
        children.fill(options.mutants() + options.crossovers(),
                () -> operators.crossover(random.pick(parents), random.pick(parents)));
        children.fill(options.population(), () -> operators.initialStyle(random.pick(parents)));
        return children.list();
    }

    /** Makes one child. */
    private interface Breeder {
        Genome breed();
    }

    /** Distinct genomes inside the parameter range. */
    private final class Children {
        private final Operators operators;
        private final Set<Genome> known;
        private final LinkedHashSet<Genome> genomes = new LinkedHashSet<>();

        Children(Operators operators, Set<Genome> known) {
            this.operators = operators;
            this.known = known;
        }

        void add(Genome genome) {
            if (space.contains(genome) && !known.contains(genome)) {
                genomes.add(genome);
            }
        }

        void fill(int size, Breeder breeder) {
            int attempts = ATTEMPTS * Math.max(0, size - genomes.size());
            for (int attempt = 0; genomes.size() < size && attempt < attempts; attempt++) {
                add(inRange(breeder));
            }
        }

        private Genome inRange(Breeder breeder) {
            Genome genome = breeder.breed();
            for (int draw = 1; draw < DRAWS && !space.contains(genome); draw++) {
                genome = breeder.breed();
            }
            return operators.intoRange(genome);
        }

        List<Genome> list() {
            return List.copyOf(genomes);
        }
    }
}
