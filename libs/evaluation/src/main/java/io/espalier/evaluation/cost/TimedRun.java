package io.espalier.evaluation.cost;

import io.espalier.model.forward.Generator;
import io.espalier.model.forward.Model;
import java.time.Duration;
import java.util.stream.IntStream;

/**
 * One prompt and the tokens behind it, with a stopwatch. What the tokens are does not matter for the time; they are the
 * same for every model of a family.
 *
 * @param decoded tokens behind the prompt
 */
record TimedRun(double prefillMillis, double decodeMillisPerToken, int prompt, int decoded) {
    private static final double NANOS_PER_MILLI = 1e6;

    static TimedRun of(Model model, CostMeter.Plan plan) {
        int vocabulary = model.config().vocabularySize();
        int positions = model.config().maxPositions();
        int[] prompt = IntStream.range(0, Math.min(plan.promptTokens(), positions - 1)).map(i -> (i * 31 + 7)
                % vocabulary).toArray();
        int most = Math.min(plan.decodedTokens(), positions - prompt.length);
        try (Generator generator = new Generator(model)) {
            long start = System.nanoTime();
            generator.prefill(prompt);
            long prefilled = System.nanoTime();
            int decoded = 0;
            while (decoded < most && (decoded == 0 || System.nanoTime() - start < plan.patience().toNanos())) {
                generator.decode(decoded * 17 % vocabulary);
                decoded++;
            }
            long end = System.nanoTime();
            return new TimedRun((prefilled - start) / NANOS_PER_MILLI, (end - prefilled) / NANOS_PER_MILLI / decoded,
                    prompt.length, decoded);
        }
    }

    boolean outlasted(Duration patience) {
        return prefillMillis + decodeMillisPerToken * decoded >= patience.toMillis();
    }

    long tokens() {
        return prompt + decoded;
    }
}
