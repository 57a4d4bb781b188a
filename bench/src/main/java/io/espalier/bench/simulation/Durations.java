package io.espalier.bench.simulation;

import io.espalier.model.config.ModelConfig;
import io.espalier.protocol.message.ModelFacts.TextSize;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.PruningRequest;
import java.util.ArrayList;
import java.util.List;

/**
 * How long a task takes: its arithmetic at the rate that real tasks of its kind were measured to reach, and the bytes it
 * reads and writes at the rate measured.
 *
 * @param config  of the model that is pruned
 * @param request shared by all jobs, for sizes that a task's work does not name
 * @param rates   measured
 */
record Durations(ModelConfig config, PruningRequest request, Rates rates) {
    /** Tokens of one zero-shot question with all its answers [D]. */
    private static final double QUESTION_TOKENS = 200;
    private static final double QUESTIONS_OF_A_TASK = 1000;
    /** Forward, recomputed forward, both gradients: operations for each weight and token. */
    private static final double TAYLOR = 8;
    private static final double FORWARD = 2;
    /** Of a pass of several ranges of layers. */
    private static final int MICRO_BATCHES = 16;
    /** Forward, recomputed forward, gradients of activations. */
    private static final double ADAPTERS = 6;

    /**
     * @param scoring     operations per second of a SCORE task
     * @param evaluation  of an EVALUATE task
     * @param training    of a RECOVER task
     * @param bytes       read or written per second by a SLICE task
     * @param taskSeconds a task with nothing to do: dispatch, opening files, reporting
     */
    record Rates(double scoring, double evaluation, double training, double bytes, double taskSeconds) {}

    double seconds(Work work) {
        return rates.taskSeconds() + switch (work) {
            case Work.Prepare _ -> config.bytes() / rates.bytes();
            case Work.Score score -> score(score);
            case Work.Measure measure -> measure.candidates().size() * FORWARD * config.parameters()
                    * calibrationTokens() / rates.evaluation();
            case Work.Slice _,Work.Export _ -> 2 * config.bytes() / rates.bytes();
            case Work.Recover recover -> ADAPTERS * config.parameters() * (recover.lora().steps() == null
                    ? 1
                    : recover.lora().steps()) * recover.lora().batch() * recover.lora().maxLength() / rates.training();
            case Work.Perplexity perplexity -> FORWARD * config.parameters() * perplexity.protocol().length()
                    * perplexity.protocol().segments() / perplexity.tasks()
                    / rates.evaluation();
            case Work.ZeroShot _ -> FORWARD * config.parameters() * QUESTION_TOKENS * QUESTIONS_OF_A_TASK
                    / rates.evaluation();
            default -> 0;
        };
    }

    /** Files of as many tokens, at four bytes each, as the tasks are said to read. */
    static List<TextSize> texts(Evaluation evaluation) {
        if (evaluation == null) {
            return List.of();
        }
        List<TextSize> texts = new ArrayList<>();
        evaluation.perplexity().forEach(protocol -> texts.add(new TextSize(0, 0))); // they name their segments
        var rows = new TextSize((long) (4 * QUESTION_TOKENS * QUESTIONS_OF_A_TASK), (long) QUESTIONS_OF_A_TASK);
        evaluation.tasks().forEach(task -> texts.add(rows));
        return texts;
    }

    private double score(Work.Score score) {
        double layers = (double) (score.shard().toLayer() - score.shard().fromLayer()) / config.layers().size();
        double bytes = 2 * layers * config.bytes() / rates.bytes();
        if (score.calibration() == null) {
            return bytes;
        }
        double tokens = (double) (score.shard().toSample() - score.shard().fromSample())
                * request.calibration().length();
        boolean backward = score.method().name().equals("llm-pruner") || score.method().name().equals("nirvana");
        double passes = score.method().has("layerRanges") ? range(score, layers) : 1;
        return bytes + passes * (backward ? TAYLOR : FORWARD) * config.parameters() * tokens / rates.scoring();
    }

    /**
     * Share of the whole pass's time that a range of layers takes beside the others: its layers' own, and waiting for the first
     * micro-batch and the last.
     */
    private static double range(Work.Score score, double layers) {
        int microBatches = Math.min(MICRO_BATCHES, score.shard().toSample() - score.shard().fromSample());
        return layers * (1 + (score.method().integer("layerRanges") - 1.0) / microBatches);
    }

    private double calibrationTokens() {
        return (double) request.calibration().samples() * request.calibration().length();
    }
}
