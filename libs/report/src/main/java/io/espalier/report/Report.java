package io.espalier.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * report.json: the whole result of a job, with the keys that scripts rely on. What was not asked for or did not come
 * about is absent, never zero.
 *
 * @param request   as accepted, defaults filled in
 * @param models    by {@code original}, {@code pruned} and, only if asked for, {@code recovered}
 * @param protocols what makes figures comparable: {@code perplexity.<name>@<length>} and {@code tasks.<name>} with digests
 *                  of text and tokenizer, BOS rule, dtype and versions; null while nothing is measured
 * @param plan      null while there is none
 * @param search    null for methods that do not choose among measured candidates
 * @param exports   what the model folder holds; null before it is written
 * @param error     why the job failed, null otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Report(Job job, JsonNode request, Map<String, ModelResult> models, JsonNode protocols, Plan plan,
        Recovery recovery, Search search, List<Export> exports, List<StageResult> stages, Environment environment,
        Failure error) {
    public Report {
        models = ordered(models, List.of("original", "pruned", "recovered"));
        stages = List.copyOf(stages);
        exports = exports == null ? null : List.copyOf(exports);
    }

    /** Names of the models in the order in which people read them. */
    public List<String> subjects() {
        return List.copyOf(models.keySet());
    }

    /** Which model is the job's result: {@code recovered} if recovery was accepted, otherwise {@code pruned}. */
    public String result() {
        boolean recovered = recovery != null && recovery.accepted();
        return recovered && models.containsKey("recovered") ? "recovered" : "pruned";
    }

    /** Without the stage that writes the report: while it runs, its own figures are not known. */
    public Report withoutStage(String name) {
        return new Report(job, request, models, protocols, plan, recovery, search, exports,
                stages.stream().filter(s -> !s.stage().equals(name)).toList(), environment, error);
    }

    /** The same report is the same text, whatever the order in which its parts came. */
    private static <T> Map<String, T> ordered(Map<String, T> map, List<String> order) {
        Map<String, T> copy = new LinkedHashMap<>();
        order.stream().filter(map::containsKey).forEach(key -> copy.put(key, map.get(key)));
        copy.putAll(sorted(map));
        return Collections.unmodifiableMap(copy);
    }

    private static <T> Map<String, T> sorted(Map<String, T> map) {
        return map == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(map));
    }

    /** @param state SUCCEEDED, FAILED or CANCELLED; in a report asked for earlier, the state at that time */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Job(String id, String name, String state, String submittedAt, String finishedAt) {}

    /**
     * What one model measures.
     *
     * @param bytes      of all tensors
     * @param macs64     multiply-accumulates of one forward pass of 1 x 64 tokens
     * @param perplexity by {@code name@length}
     * @param tasks      by task name
     * @param mean       of the zero-shot tasks; null unless there are several
     * @param fidelity   to the original, by {@code name@length}; empty for the original itself
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record ModelResult(Long parameters, Long bytes, Long macs64, Map<String, Double> perplexity,
            Map<String, TaskResult> tasks, TaskMean mean,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Fidelity> fidelity, Cost cost) {
        public ModelResult {
            perplexity = sorted(perplexity);
            tasks = sorted(tasks);
            fidelity = sorted(fidelity);
        }
    }

    /**
     * A task of lm-evaluation-harness: zero-shot ({@code acc}, shares between 0 and 1) or wikitext ({@code word_perplexity}
     * and its kin).
     *
     * @param n rows or pages
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record TaskResult(Double acc, Double accStderr, Double accNorm, Double accNormStderr, Double accBytes,
            Double accBytesStderr, Double wordPerplexity, Double bytePerplexity, Double bitsPerByte, int n) {}

    /** @param accNorm of {@code acc_norm} where a task has it, else of {@code acc} */
    public record TaskMean(double acc, @JsonProperty("acc_norm") double accNorm, int tasks) {}

    /**
     * @param kl     mean KL divergence of the next-token distributions from the original's, in nats
     * @param top1   share of positions at which the most likely token is the same
     * @param tokens positions
     */
    public record Fidelity(double kl, double top1, long tokens) {}

    /**
     * Medians over repeats, all models in one process.
     *
     * @param prefillQuartiles the first and the third, between which half of the repeats lie; null in older reports
     * @param prefillStandardError of the median, in ms; null in older reports
     * @param decodeQuartiles  likewise, for each token
     * @param rounds           how many repeats; null in older reports
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Cost(Double prefillMillis, Double decodeMillisPerToken, List<Double> prefillQuartiles,
            Double prefillStandardError, List<Double> decodeQuartiles, Double decodeStandardError, Integer rounds,
            Long peakMemoryBytes) {}

    /**
     * What is kept, per layer of the result, in units of the original.
     *
     * @param predicted  what shapes alone said before anything was scored; null in reports of older versions
     * @param original   what each layer had before; null in reports of older versions
     * @param importance how the scores were spread, by {@code attention} and {@code mlp}; empty where the method has none
     * @param selection  what else could have been, where several plans were compared; null otherwise
     * @param latency    for a target in time; null otherwise
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Plan(List<PlanLayer> layers, Predicted predicted, Achieved achieved, Widths original,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<String, Histogram> importance,
            Selection selection, LatencyOutcome latency) {
        public Plan {
            layers = List.copyOf(layers);
            importance = sorted(importance);
        }
    }

    /** By layer of the original. */
    public record Widths(List<Integer> kvGroups, List<Integer> channels) {
        public Widths {
            kvGroups = List.copyOf(kvGroups);
            channels = List.copyOf(channels);
        }
    }

    /**
     * Scores of units.
     *
     * @param log     whether {@code edges} are powers of ten
     * @param edges   of the bins, ascending, one more than bins
     * @param kept    units of each bin that stay
     * @param removed units of each bin that go
     */
    public record Histogram(boolean log, List<Double> edges, List<Integer> kept, List<Integer> removed) {}

    /** What an iterative method measured, round by round; low is good. */
    public record Search(List<Generation> generations) {}

    /** @param values of a round's candidates, ascending; a long round is thinned */
    public record Generation(int round, List<Double> values) {}

    /**
     * @param layer        index in the original, from 0
     * @param keptKvGroups in units of the original; empty where a reader was given the short form without the lists
     */
    public record PlanLayer(int layer, int kvGroups, int queryHeads, int channels, List<Integer> keptKvGroups,
            List<Integer> keptChannels) {
        public PlanLayer {
            keptKvGroups = keptKvGroups == null ? List.of() : List.copyOf(keptKvGroups);
            keptChannels = keptChannels == null ? List.of() : List.copyOf(keptChannels);
        }
    }

    /**
     * Plans compared by perplexity before and after a short recovery.
     *
     * @param candidates  the request itself first
     * @param orderBefore candidates, the best first
     * @param flipped     whether the recovery changed the order
     */
    public record Selection(String protocol, int recoverSteps, List<Candidate> candidates, int chosen,
            List<Integer> orderBefore, List<Integer> orderAfter, boolean flipped) {
        public Selection {
            candidates = List.copyOf(candidates);
            orderBefore = List.copyOf(orderBefore);
            orderAfter = List.copyOf(orderAfter);
        }
    }

    /**
     * @param differs  what it has in the place of the request's own
     * @param before   perplexity of the pruned model
     * @param after    perplexity after the short recovery
     * @param accepted whether that improved validation
     */
    public record Candidate(JsonNode differs, long parameters, double before, double after, boolean accepted) {}

    /** @param bytes of all tensors, as stored */
    public record Predicted(long parameters, long bytes) {}

    /**
     * @param share of the original's parameters
     * @param bytes of all tensors, as stored; null before the model is cut
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Achieved(long parameters, double share, Long bytes) {}

    /**
     * How the LoRA recovery went.
     *
     * @param accepted whether validation improved; if not, the pruned model without recovery is the result
     * @param losses   rows of step, training loss, validation loss (null where not validated)
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Recovery(boolean accepted, Double validationBefore, Double validationAfter, JsonNode losses) {}

    /** The report with what was written. */
    public Report with(List<Export> written) {
        return new Report(job, request, models, protocols, plan, recovery, search, written, stages, environment, error);
    }

    /**
     * One format of the result, written and read back.
     *
     * @param files   in the model folder
     * @param bytes   of them together
     * @param note    for people, such as what was filled with zeros; null where there is nothing to say
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Export(String format, List<String> files, long bytes, String note, LoadCheck loadCheck) {
        public Export {
            files = List.copyOf(files);
        }
    }

    /**
     * How what was written computes, compared with the model it was made of, on a few calibration tokens.
     *
     * @param relativeError root mean square of the differences of logits over that of the logits around their mean
     * @param tolerance     what it may be
     */
    public record LoadCheck(double maxAbsLogitDifference, double top1Agreement, double relativeError, double tolerance,
            int tokens) {}

    /** @param busySeconds sum over attempts; {@code wallSeconds} from the first task published to the last report */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StageResult(String stage, String state, int tasks, int attempts, double queuedSeconds,
            double busySeconds, double wallSeconds, boolean fromCache, Double tokensPerSecond, Long peakMemoryBytes,
            String note) {}

    /** @param versions of Espalier, engine, Java, by name */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Environment(String device, Integer threads, String engine, Map<String, String> versions,
            Map<String, String> digests) {}

    public record Failure(String stage, String message, String detail) {}
}
