package io.espalier.coordinator.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a search has measured of its candidates, round by round, low is good. Small enough for a snapshot whatever the
 * search: a round keeps its best, its worst and evenly spaced ones between, and of very many rounds every second is
 * dropped.
 *
 * @param byRound values of a round, ascending
 */
record Generations(@JsonValue SortedMap<Integer, List<Double>> byRound) {
    static final Generations NONE = new Generations(new TreeMap<>());
    private static final int VALUES = 16;
    private static final int ROUNDS = 128;

    @JsonCreator
    Generations {
        byRound = Collections.unmodifiableSortedMap(new TreeMap<>(byRound));
    }

    static Generations of(TaskRun task) {
        if (!(task.state() instanceof TaskState.Done done) || !done.facts().path("values").isArray()) {
            return NONE;
        }
        List<Double> values = new ArrayList<>();
        for (JsonNode value : done.facts().path("values")) {
            if (Double.isFinite(value.asDouble(Double.NaN))) {
                values.add(value.asDouble());
            }
        }
        return new Generations(new TreeMap<>(Map.of(task.id().round(), sorted(values))));
    }

    boolean isEmpty() {
        return byRound.isEmpty();
    }

    Generations plus(Generations more) {
        if (more.isEmpty()) {
            return this;
        }
        SortedMap<Integer, List<Double>> all = new TreeMap<>(byRound);
        more.byRound.forEach((round, values) -> all.merge(round, values, (a, b) -> {
            List<Double> both = new ArrayList<>(a);
            both.addAll(b);
            return thinned(sorted(both));
        }));
        return new Generations(all.size() <= ROUNDS ? all : everySecond(all));
    }

    private static List<Double> sorted(List<Double> values) {
        return values.stream().sorted().toList();
    }

    private static List<Double> thinned(List<Double> sorted) {
        int last = sorted.size() - 1;
        return sorted.size() <= VALUES
                ? sorted
                : IntStream.range(0, VALUES).mapToObj(i -> sorted.get(i * last / (VALUES - 1))).toList();
    }

    /** The latest stays. */
    private static SortedMap<Integer, List<Double>> everySecond(SortedMap<Integer, List<Double>> all) {
        SortedMap<Integer, List<Double>> kept = new TreeMap<>();
        List<Integer> rounds = List.copyOf(all.keySet());
        for (int i = rounds.size() - 1; i >= 0; i -= 2) {
            kept.put(rounds.get(i), all.get(rounds.get(i)));
        }
        return kept;
    }

    /** {@code generations: [{round, values}]}; rounds count from 1, those that only propose do not. */
    ObjectNode toJson() {
        ObjectNode search = JsonNodeFactory.instance.objectNode();
        var generations = search.putArray("generations");
        byRound.forEach((round, values) -> {
            var array = generations.addObject().put("round", (round + 1) / 2).putArray("values");
            values.forEach(array::add);
        });
        return search;
    }
}
