package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * Several plans are made, cut and shortly recovered side by side; the one with the lowest first perplexity goes on.
 *
 * @param candidates   how many, the request itself the first of them
 * @param recoverSteps optimizer steps of each one's recovery
 * @param among        what the others differ in
 */
public record Select(int candidates, int recoverSteps, List<Variant> among) {
    public Select {
        among = List.copyOf(among);
    }

    /** What a candidate has in the place of the request's own; null where it is the same. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Variant(MethodSpec method, Target target, PruningRequest.Layers layers, PruningRequest.Shape shape,
            PruningRequest.Calibration calibration) {}
}
