package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Json;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Where two requests differ. */
public final class Difference {
    private static final int SHOWN = 5;

    /** One place where they differ; {@code null} stands for absence. */
    public record At(String pointer, JsonNode before, JsonNode after) {
        @Override
        public String toString() {
            return pointer + ": " + before + " became " + after;
        }
    }

    private Difference() {}

    /** In the order of the pointers. */
    public static List<At> between(PruningRequest before, PruningRequest after) {
        return walk("", Json.events().valueToTree(before), Json.events().valueToTree(after)).toList();
    }

    /** {@code : /target/parameters: 0.8 became 0.7}; empty if the earlier request is not known any more. */
    static String sentence(PruningRequest before, PruningRequest after) {
        return before == null
                ? ""
                : between(before, after).stream().limit(SHOWN).map(At::toString)
                        .collect(Collectors.joining("; ", ": ", ""));
    }

    private static Stream<At> walk(String pointer, JsonNode before, JsonNode after) {
        if (before != null && before.equals(after)) {
            return Stream.of();
        }
        if (before != null && after != null && before.isObject() && after.isObject()) {
            var names = new TreeSet<String>();
            before.fieldNames().forEachRemaining(names::add);
            after.fieldNames().forEachRemaining(names::add);
            return names.stream().flatMap(name -> walk(pointer + "/" + name, before.get(name), after.get(name)));
        }
        if (before != null && after != null && before.isArray() && after.isArray()) {
            return IntStream.range(0, Math.max(before.size(), after.size())).boxed()
                    .flatMap(i -> walk(pointer + "/" + i, before.get(i), after.get(i)));
        }
        return Stream.of(new At(pointer, before, after));
    }
}
