package io.espalier.bench;

import io.espalier.bench.result.Result;
import java.util.Map;

/**
 * One thing to measure. Implementations use the code that workers, coordinator and command line run, never a copy of it;
 * they have no state, and stand in the list of {@link Benchmarks}.
 *
 * <p>
 * With {@code --quick} a run takes seconds and its figures mean nothing: the tests run every benchmark so.
 */
public interface Benchmark {
    /** What the user writes behind {@code bench}: lower case. */
    String name();

    /** One line for the list. */
    String description();

    /** Settings ({@code --set KEY=VALUE}) that only this benchmark knows: key to meaning, the default in brackets. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /** @throws InterruptedException if the user ended it; whatever it started is stopped then */
    Result run(Bench bench) throws Exception;
}
