package io.espalier.protocol.message;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.MethodSpec;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.Recovery;
import java.util.List;
import java.util.Map;

/**
 * What a task asks of a worker: everything that determines its result, and nothing else (no job id, no time), so that
 * equal work has equal results and may be answered from the cache. Big data stands in artifacts.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({@JsonSubTypes.Type(value = Work.Prepare.class, name = "prepare"),
    @JsonSubTypes.Type(value = Work.Time.class, name = "time"),
    @JsonSubTypes.Type(value = Work.Score.class, name = "score"),
    @JsonSubTypes.Type(value = Work.Rank.class, name = "rank"),
    @JsonSubTypes.Type(value = Work.Propose.class, name = "propose"),
    @JsonSubTypes.Type(value = Work.Measure.class, name = "measure"),
    @JsonSubTypes.Type(value = Work.Slice.class, name = "slice"),
    @JsonSubTypes.Type(value = Work.Recover.class, name = "recover"),
    @JsonSubTypes.Type(value = Work.Perplexity.class, name = "perplexity"),
    @JsonSubTypes.Type(value = Work.ZeroShot.class, name = "zero-shot"),
    @JsonSubTypes.Type(value = Work.Fidelity.class, name = "fidelity"),
    @JsonSubTypes.Type(value = Work.Cost.class, name = "cost"),
    @JsonSubTypes.Type(value = Work.Export.class, name = "export")})
public sealed interface Work {
    /** Which kind of worker can do this. */
    @JsonIgnore
    WorkerKind worker();

    /**
     * Opens the checkpoint and refuses what cannot work. Output {@code calibration}: token ids (safetensors, one I32
     * tensor {@code tokens} of shape [samples, length]), absent where the method needs no data. Facts: see
     * {@link ModelFacts}.
     *
     * @param round step of an iterative pruning: each draws other samples
     */
    record Prepare(ModelSource model, PruningRequest request, int round) implements Work {
        @Override
        public WorkerKind worker() {
            return WorkerKind.SCORING;
        }
    }

    /**
     * Cuts variants of a model and times them as {@link Cost} does, in turns. Output {@code times} (JSON: widths and times of
     * each variant, and how they were measured), from which RANK predicts what a plan takes. Measured once and kept: whoever
     * asks the same again gets the same table, so that plans are reproducible.
     */
    record Time(ModelSource model) implements Work {
        @Override
        public WorkerKind worker() {
            return WorkerKind.EVAL;
        }
    }

    /**
     * Statistics of one shard. Output {@code statistics} (safetensors, F64). Facts: {@code statistics} (how many), and of a
     * range of layers {@code received} and {@code left}: how many things its neighbours had handed on to it, and it to them.
     *
     * @param calibration token ids from PREPARE, null where the method needs no data
     * @param set         which of several calibration sets (NIRVANA), otherwise 0
     */
    record Score(ModelSource model, MethodSpec method, PruningRequest.Layers layers, ArtifactRef calibration,
            Shard shard, int set) implements Work {
        @Override
        public WorkerKind worker() {
            return WorkerKind.SCORING;
        }
    }

    /**
     * Merges statistics in the given order and writes the output {@code plan} (JSON, in units of the original
     * checkpoint). Facts: {@code plan} of report.json with {@code original} ({@code kvGroups}, {@code channels} of each layer before), without the lists of kept units (megabytes for a large model: a
     * Kafka record holds one; who needs them reads the artifact), and where the method has scores {@code importance}, for
     * each kind of unit ({@code attention}, {@code mlp}) a histogram: {@code edges} of the bins (ascending, in powers of
     * ten where {@code log} is true), {@code kept} and {@code removed} units in each; for a target in time
     * {@code latency} of report.json's plan, as predicted.
     *
     * @param previous plan of the step before, null in the first
     * @param step     this step of an iterative pruning, from 1
     * @param steps    how many there are
     * @param times    output of {@link Time}, null for other targets
     */
    record Rank(ModelSource model, PruningRequest request, List<ArtifactRef> statistics, ArtifactRef previous,
            int step, int steps, ArtifactRef times) implements Work {
        public Rank {
            statistics = List.copyOf(statistics);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.SCORING;
        }
    }

    /**
     * One round of an iterative method: reads all that was measured so far and proposes the next candidates. Output
     * {@code state} (opaque to everyone else) and, while it goes on, {@code candidate-N}; when it is done,
     * {@code plan}. Facts: {@code done} (boolean), {@code candidates} (integer), {@code best} (number).
     *
     * @param state    output {@code state} of the round before, null in the first
     * @param measured value of each candidate of the round before, in order
     */
    record Propose(ModelSource model, PruningRequest request, List<ArtifactRef> statistics, ArtifactRef calibration,
            ArtifactRef state, List<Double> measured, int round) implements Work {
        public Propose {
            statistics = List.copyOf(statistics);
            measured = List.copyOf(measured);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.SCORING;
        }
    }

    /** Measures candidates by masked forward passes. Facts: {@code values} (numbers, one per candidate, low is good). */
    record Measure(ModelSource model, PruningRequest request, List<ArtifactRef> candidates, ArtifactRef calibration)
            implements
                Work {
        public Measure {
            candidates = List.copyOf(candidates);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.EVAL;
        }
    }

    /** Applies a plan. Output {@code model} (tree). Facts: {@code parameters}, {@code bytes}. */
    record Slice(ModelSource model, MethodSpec method, ArtifactRef plan, ArtifactRef calibration) implements Work {
        @Override
        public WorkerKind worker() {
            return WorkerKind.GPU;
        }
    }

    /**
     * LoRA. Output {@code model} (tree), absent when validation did not improve. Facts: {@code accepted} (boolean),
     * {@code validationBefore}, {@code validationAfter}, {@code losses} ([step, train loss, validation loss or null]).
     */
    record Recover(ModelSource model, Recovery.Lora lora, long seed) implements Work {
        @Override
        public WorkerKind worker() {
            return WorkerKind.GPU;
        }
    }

    /**
     * Perplexity of one model by one protocol. Facts: {@code perplexity} (absent from an empty part), {@code nll} (sum, nats),
     * {@code tokens} (predicted ones), {@code length}, {@code segments}, {@code textDigest}, {@code tokenizerDigest},
     * {@code bosRule}, {@code dtype} (of the computation).
     *
     * @param protocol in one piece, whatever the part
     * @param part     which segments, null for all
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Perplexity(ModelSource model, Evaluation.Perplexity protocol, ComputeType dtype, Part part) implements Work {
        public Perplexity {
            dtype = dtype == null ? ComputeType.FLOAT32 : dtype; // as in tasks from before there was a choice
        }

        /** Of all segments. */
        public Perplexity(ModelSource model, Evaluation.Perplexity protocol, ComputeType dtype) {
            this(model, protocol, dtype, null);
        }

        /** In fp32. */
        public Perplexity(ModelSource model, Evaluation.Perplexity protocol) {
            this(model, protocol, ComputeType.FLOAT32);
        }

        /** How many tasks share the measurement with this one, itself among them. */
        public int tasks() {
            return part == null ? 1 : part.of();
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.EVAL;
        }
    }

    /**
     * One of the equal parts of something; which segments that are says whoever cuts it, from these two numbers alone.
     *
     * @param index from 0
     */
    record Part(int index, int of) {}

    /**
     * One task of lm-evaluation-harness on one model. Output {@code samples} (JSON lines as the harness writes them).
     * Facts of a zero-shot task: {@code acc}, {@code acc_stderr}; {@code acc_norm}, {@code acc_bytes} and their
     * {@code _stderr} for tasks that have them (a standard error is absent where {@code n} is 1). Facts of wikitext:
     * {@code word_perplexity}, {@code byte_perplexity}, {@code bits_per_byte}. Facts of all: {@code n} (rows or pages),
     * {@code version}, {@code num_fewshot} (0), {@code dataDigest}, {@code tokenizerDigest}, {@code tokenisation},
     * {@code dtype}.
     */
    record ZeroShot(ModelSource model, Evaluation.Task task, ComputeType dtype) implements Work {
        public ZeroShot {
            dtype = dtype == null ? ComputeType.FLOAT32 : dtype; // as in tasks from before there was a choice
        }

        /** In fp32. */
        public ZeroShot(ModelSource model, Evaluation.Task task) {
            this(model, task, ComputeType.FLOAT32);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.EVAL;
        }
    }

    /**
     * How faithfully changed models still predict what the original does, on the text of a perplexity protocol. Facts: one
     * object per changed subject with {@code kl} (mean over positions of KL(original || changed), nats), {@code top1}
     * (share of positions with the same most likely token) and {@code tokens} (positions).
     *
     * @param models the original among them
     */
    record Fidelity(Map<Subject, ModelSource> models, Evaluation.Perplexity protocol) implements Work {
        /** Of the text, in whole segments, at least one: an early signal needs no more, it stands long before a perplexity. */
        public static final int MAX_TOKENS = 1 << 16;

        public Fidelity {
            models = Map.copyOf(models);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.EVAL;
        }
    }

    /**
     * Parameters, bytes, MACs, memory and latency, all models in one process and interleaved, so that the comparison is
     * fair. Facts: one object per subject with {@code parameters, bytes, macs64, cost{…}}.
     */
    record Cost(Map<Subject, ModelSource> models) implements Work {
        public Cost {
            models = Map.copyOf(models);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.EVAL;
        }
    }

    /**
     * Writes the result folder, whole or not at all, after every format in it was read back and computed what the model
     * computes. Facts: {@code location}, {@code exports} (as in report.json).
     *
     * @param calibration token ids for that comparison, null where the method needed no data
     * @param location absolute path or {@code file://} URI of the folder
     * @param plan     goes into the manifest, and its {@code layers} into {@code report.plan.layers}
     * @param report   report.json as the coordinator composed it, but for the lists of kept units
     * @param samples  by subject and task: the model's answers one by one, as {@link ZeroShot} wrote them
     */
    record Export(ModelSource model, ModelSource original, ArtifactRef plan, ArtifactRef calibration, String location,
            List<String> formats,
            ObjectNode report, Map<Subject, Map<String, ArtifactRef>> samples) implements Work {
        public Export {
            formats = List.copyOf(formats);
            samples = samples == null ? Map.of() : Map.copyOf(samples);
        }

        @Override
        public WorkerKind worker() {
            return WorkerKind.GPU;
        }
    }
}
