package io.espalier.coordinator;

import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.request.RequestReader;

/** Requests as users write them. */
public final class Requests {
    public static final RequestReader READER = new RequestReader();

    public static final String FULL = """
            name: stories
            model: /models/stories
            method: { name: llm-pruner, criterion: param_first }
            target: { parameters: 0.8 }
            calibration: { text: /data/calibration.txt }
            recovery: { lora: { data: /data/train.txt, steps: 10 } }
            evaluation:
              perplexity: [ { name: tiny, text: /data/eval.txt } ]
              tasks: [ { name: boolq, data: /data/boolq.jsonl } ]
            output: { location: /out }
            """;

    public static final String SELECT = """
            model: /models/stories
            method: { name: llm-pruner }
            target: { parameters: 0.8 }
            calibration: { text: /data/calibration.txt }
            recovery: { lora: { data: /data/train.txt, steps: 10 } }
            select: { recoverSteps: 4, among: [ { method: { name: magnitude } }, { calibration: { seed: 7 } } ] }
            evaluation: { perplexity: [ { name: tiny, text: /data/eval.txt } ], cost: false }
            output: { location: /out }
            """;

    public static final String SHORT = """
            model: /models/stories
            method: { name: magnitude }
            target: { groups: 0.25 }
            evaluation: { cost: false }
            output: { location: /out }
            """;

    public static final String LATENCY = """
            model: /models/stories
            method: { name: llm-pruner, iterativeSteps: 2 }
            target: { latency: 0.7 }
            calibration: { text: /data/calibration.txt }
            evaluation: { cost: false }
            output: { location: /out }
            """;

    /** Scored in ranges of layers that hand on what they compute. */
    public static final String RANGES = """
            model: /models/llama
            method: { name: llm-pruner, criterion: param_first, layerRanges: 3 }
            target: { parameters: 0.8 }
            calibration: { text: /data/text }
            output: { location: /out }
            """;

    public static final String SEARCH = """
            model: /models/stories
            method: { name: search }
            target: { parameters: 0.8 }
            calibration: { text: /data/calibration.txt }
            evaluation: { perplexity: [ { name: tiny, text: /data/eval.txt } ], cost: false }
            output: { location: /out }
            """;

    public static final String ITERATIVE = """
            model: /models/stories
            method: { name: llm-pruner, iterativeSteps: 3 }
            target: { parameters: 0.8 }
            calibration: { text: /data/calibration.txt }
            evaluation: { cost: true }
            output: { location: /out }
            """;

    private Requests() {}

    public static PruningRequest parse(String text) {
        return READER.readAll(text).getFirst();
    }
}
