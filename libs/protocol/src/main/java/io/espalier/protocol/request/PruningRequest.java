package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;

/**
 * What a user asks, valid and with defaults filled in; see request.schema.json.
 *
 * @param name     label, may be null
 * @param model    path or URI of a Hugging Face checkpoint folder
 * @param recovery null means none
 * @param select   null means that there is one plan only
 * @param labels   for people and for fairness: jobs of different {@code team}s share the workers evenly
 * @param priority 1 (last) to 5 (first) among the jobs of a team
 * @param cache    whether equal work done before may answer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PruningRequest(String name, String model, MethodSpec method, Target target, Layers layers, Shape shape,
        Calibration calibration, Recovery recovery, Select select, Evaluation evaluation, Output output,
        Map<String, String> labels, int priority, boolean cache) {
    private static final String TEAM = "team";

    public PruningRequest {
        labels = labels == null ? Map.of() : Map.copyOf(labels);
    }

    /**
     * One of the candidates of {@code select} as a request of its own; without {@code select}, this.
     *
     * @param index 0 is what the request itself says
     */
    public PruningRequest candidate(int index) {
        if (select == null) {
            return this;
        }
        Select.Variant variant = index == 0
                ? new Select.Variant(null, null, null, null, null)
                : select.among().get(index - 1);
        return new PruningRequest(name, model, or(variant.method(), method), or(variant.target(), target),
                or(variant.layers(), layers), or(variant.shape(), shape), or(variant.calibration(), calibration),
                recovery, null, evaluation, output, labels, priority, cache);
    }

    /** Whether any plan is held to a time: then variants of the model are timed first, and the result last. */
    public boolean targetsLatency() {
        return target.latency() != null || select != null && select.among().stream().anyMatch(variant -> variant
                .target() != null && variant.target().latency() != null);
    }

    private static <T> T or(T own, T otherwise) {
        return own == null ? otherwise : own;
    }

    /** Whose share of the workers the job takes; empty for all who name no team. */
    public String team() {
        return labels.getOrDefault(TEAM, "");
    }

    /** Layers that may lose units; null means all. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Layers(IndexRange attention, IndexRange mlp) {}

    /**
     * @param uniform         whether all layers must end with the same widths
     * @param channelMultiple kept MLP channels per layer are a multiple of this; 1 means any
     */
    public record Shape(boolean uniform, int channelMultiple) {}

    /**
     * @param text    file, null where the method needs no data
     * @param samples sequences drawn
     * @param length  tokens each
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Calibration(String text, int samples, int length, long seed) {}

    /** @param location path or URI of the result folder */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Output(String location, List<String> formats) {
        public Output {
            formats = List.copyOf(formats);
        }
    }
}
