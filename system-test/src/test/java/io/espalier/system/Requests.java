package io.espalier.system;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;

/** Requests on the example model, long enough to be disturbed. */
final class Requests {
    private Requests() {}

    /** Score statistics that merge over samples, checkpointed recovery, several evaluation tasks: some twenty seconds. */
    static ObjectNode thorough(String name, Path out) throws Exception {
        return Cluster.request("""
                name: %s
                model: %2$s/models/stories
                method: { name: llm-pruner, criterion: param_second }
                target: { parameters: 0.8 }
                calibration: { text: %2$s/data/tinystories-calibration.jsonl, samples: 48, length: 128 }
                recovery:
                  lora: { data: %2$s/data/tinystories-train.jsonl, learningRate: 3e-3, batch: 16, microBatch: 8,
                          steps: 40, maxLength: 128, warmup: 3, validation: 32, evaluateEvery: 10, checkpointEvery: 5 }
                evaluation:
                  perplexity:
                    - { name: tiny, text: %2$s/data/tinystories-valid.txt, length: 64 }
                    - { name: tiny, text: %2$s/data/tinystories-valid.txt, length: 128 }
                    - { name: tiny, text: %2$s/data/tinystories-valid.txt, length: 256 }
                output: { location: "%3$s" }
                """.formatted(name, Repository.EXAMPLES, out));
    }

    /** An iterative method with some rounds of candidates, each long enough to be disturbed. */
    static ObjectNode searching(String name, String method, Path out) throws Exception {
        return Cluster.request("""
                name: %s
                model: %2$s/models/stories
                method: %4$s
                target: { parameters: 0.8 }
                calibration: { text: %2$s/data/tinystories-train.jsonl, samples: 24, length: 256 }
                evaluation:
                  perplexity:
                    - { name: tiny, text: %2$s/data/tinystories-valid.txt, length: 128, segments: 20 }
                output: { location: "%3$s" }
                """.formatted(name, Repository.EXAMPLES, out, method));
    }

    /** Done within seconds. */
    static ObjectNode quick(String name, Path out) throws Exception {
        return Cluster.request("""
                name: %s
                model: %2$s/models/stories
                method: { name: magnitude }
                target: { parameters: 0.9 }
                evaluation:
                  perplexity:
                    - { name: tiny, text: %2$s/data/tinystories-valid.txt, length: 128, segments: 20 }
                output: { location: "%3$s" }
                """.formatted(name, Repository.EXAMPLES, out));
    }
}
