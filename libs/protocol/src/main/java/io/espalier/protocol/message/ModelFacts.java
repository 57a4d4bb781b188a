package io.espalier.protocol.message;

import java.util.List;

/**
 * What PREPARE found out about a checkpoint: the facts of its report.
 *
 * @param digest           SHA-256 over all files of the folder
 * @param tokenizerDigest  SHA-256 of tokenizer.json
 * @param family           {@code model_type} of config.json
 * @param parameters       stored parameters; a tied lm_head counts once
 * @param bytes            bytes of all tensors
 * @param samples          calibration samples drawn (0 where the method needs none)
 * @param sampleShards     into how many shards of samples the method's statistic may be split exactly
 * @param layerShards      into how many shards of layers
 * @param rangeStarts      first layers of these shards where they hand on what they compute (then as many as
 *                         {@code layerShards}); null where layers are cut evenly
 * @param sets             calibration sets to score (1, except for methods that choose among several)
 * @param steps            steps of an iterative pruning
 * @param mergeNote        why scoring is one task, for the report; null where it fans out
 * @param texts            sizes of what the evaluation reads: the texts of its perplexities and then the data of its tasks,
 *                         in the order of the request; empty in what an older version found
 */
public record ModelFacts(String digest, String tokenizerDigest, String family, int layers, long parameters, long bytes,
        String dtype, int samples, int sampleShards, int layerShards, List<Integer> rangeStarts, int sets, int steps,
        String mergeNote, List<TextSize> texts) {
    /** A file; where it holds JSON lines, {@code lines} are its rows. */
    public record TextSize(long bytes, long lines) {}

    public ModelFacts {
        rangeStarts = rangeStarts == null ? null : List.copyOf(rangeStarts);
        texts = texts == null ? List.of() : List.copyOf(texts);
    }
}
