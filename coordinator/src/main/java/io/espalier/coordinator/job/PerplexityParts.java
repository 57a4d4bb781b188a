package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A perplexity from the facts of its parts: sums over all, in the order of the text. */
final class PerplexityParts {
    private PerplexityParts() {}

    /**
     * @param parts facts of each, in the order of the segments, at least one; all of the same text
     * @return facts of the whole
     */
    static ObjectNode together(List<ObjectNode> parts) {
        ObjectNode whole = parts.getFirst().deepCopy();
        double nll = parts.stream().mapToDouble(part -> part.path("nll").doubleValue()).sum();
        long tokens = parts.stream().mapToLong(part -> part.path("tokens").longValue()).sum();
        return whole.put("perplexity", Math.exp(nll / tokens)).put("nll", nll).put("tokens", tokens)
                .put("segments", parts.stream().mapToLong(part -> part.path("segments").longValue()).sum());
    }
}
