package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A perplexity from the facts of its parts: sums over all, in the order of the text. */
final class PerplexityParts {
    private static final List<String> ALIKE = List.of("textDigest", "tokenizerDigest", "dtype");

    private PerplexityParts() {}

    /**
     * @param parts facts of each, in the order of the segments; at least one
     * @return facts of the whole
     * @throws IllegalStateException if the parts read different texts, as they do where a file was changed meanwhile
     */
    static ObjectNode together(List<ObjectNode> parts) {
        ObjectNode whole = parts.getFirst().deepCopy();
        for (String key : ALIKE) {
            for (ObjectNode part : parts) {
                if (!part.path(key).equals(whole.path(key))) {
                    throw new IllegalStateException("parts of one perplexity differ in " + key + ": " + whole.path(key)
                            + " and " + part.path(key) + "; was the text changed while it was read?");
                }
            }
        }
        double nll = parts.stream().mapToDouble(part -> part.path("nll").doubleValue()).sum();
        long tokens = parts.stream().mapToLong(part -> part.path("tokens").longValue()).sum();
        return whole.put("perplexity", Math.exp(nll / tokens)).put("nll", nll).put("tokens", tokens)
                .put("segments", parts.stream().mapToLong(part -> part.path("segments").longValue()).sum());
    }
}
