package io.espalier.protocol.request;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * What is measured on original, pruned and recovered model.
 *
 * @param fidelity whether divergence from the original is measured on the texts of the perplexities
 * @param dtype    of perplexities and tasks; fidelity and cost are always measured in fp32
 */
public record Evaluation(List<Perplexity> perplexity, List<Task> tasks, boolean fidelity, boolean cost,
        ComputeType dtype) {
    public Evaluation {
        dtype = dtype == null ? ComputeType.FLOAT32 : dtype; // as in requests from before there was a choice
        perplexity = List.copyOf(perplexity);
        tasks = List.copyOf(tasks);
    }

    /**
     * The whole text is tokenised once, cut into segments without overlap, the tail dropped.
     *
     * @param text     file; plain text as it is, or JSON lines with {@code text}, joined by two newlines
     * @param length   tokens per segment
     * @param segments how many at most; null means all
     * @param parts    into how many tasks the segments are split; null means one task for all
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Perplexity(String name, String text, int length, Integer segments, Integer parts) {
        public Perplexity {
            parts = parts != null && parts == 1 ? null : parts; // so that equal work is written alike
        }

        /** In one task. */
        public Perplexity(String name, String text, int length, Integer segments) {
            this(name, text, length, segments, null);
        }

        /** How many tasks. */
        public int tasks() {
            return parts == null ? 1 : parts;
        }

        /** What is measured, however it is split. */
        public Perplexity whole() {
            return new Perplexity(name, text, length, segments);
        }

        /** Key in report.json. */
        public String key() {
            return name + "@" + length;
        }
    }

    /** A task of lm-evaluation-harness in its original file format; null limit means all rows. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Task(String name, String data, Integer limit) {}
}
