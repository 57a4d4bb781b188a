package io.espalier.bench.macro;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.espalier.bench.result.Percentiles;
import io.espalier.cli.server.CoordinatorClient;
import io.espalier.cli.server.ServerException;
import io.espalier.protocol.message.JobEstimate;
import io.espalier.protocol.message.JobSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Every estimate that was given while jobs ran, beside what was really left then. */
final class EstimateTrace {
    private static final Duration PAUSE = Duration.ofMillis(250);
    /** With less than this left the question is how fast one reads, not how long it takes. Seconds. */
    private static final double WORTH_ASKING = 1;

    /** @param left what was really left, seconds */
    private record Sample(JobEstimate.Range range, double left) {
        double middle() {
            return (range.low() + range.high()) / 2;
        }
    }

    private final CoordinatorClient client;
    private final List<Sample> samples = new ArrayList<>();

    EstimateTrace(CoordinatorClient client) {
        this.client = client;
    }

    /** Submits jobs at once and asks again and again until all have ended. */
    void watch(List<ObjectNode> requests) throws ServerException, InterruptedException {
        Map<String, List<JobEstimate>> given = new HashMap<>();
        List<String> open = new ArrayList<>();
        for (ObjectNode request : requests) {
            open.add(client.submit(UUID.randomUUID().toString(), request).getFirst().id().value());
        }
        while (!open.isEmpty()) {
            for (String id : List.copyOf(open)) {
                JobSnapshot job = client.job(id);
                if (job.state().ended()) {
                    open.remove(id);
                    take(given.getOrDefault(id, List.of()), job);
                } else if (job.estimate() != null && job.estimate().remaining() != null) {
                    given.computeIfAbsent(id, _ -> new ArrayList<>()).add(job.estimate());
                }
            }
            Thread.sleep(PAUSE);
        }
    }

    private void take(List<JobEstimate> estimates, JobSnapshot ended) {
        if (ended.state() != JobSnapshot.State.SUCCEEDED) {
            throw new IllegalStateException("job " + ended.id() + " is " + ended.state() + ": " + ended.error());
        }
        Instant seen = null;
        for (JobEstimate estimate : estimates) {
            double left = Duration.between(estimate.at(), ended.endedAt()).toMillis() / 1e3;
            if (left >= WORTH_ASKING && !estimate.at().equals(seen)) {
                samples.add(new Sample(estimate.remaining(), left));
            }
            seen = estimate.at();
        }
    }

    /** Share by which the middle of the range is off. */
    Percentiles errors() {
        return new Percentiles(samples.stream().map(s -> Math.abs(s.middle() - s.left()) / s.left()).toList());
    }

    /** Width of the range as a share of its middle: a range that is wide enough always holds. */
    Percentiles widths() {
        return new Percentiles(samples.stream().map(s -> (s.range().high() - s.range().low()) / s.middle()).toList());
    }

    /** Share of the ranges that held the truth. */
    double inside() {
        return (double) samples.stream().filter(s -> s.range().low() <= s.left() && s.left() <= s.range().high())
                .count()
                / Math.max(1, samples.size());
    }
}
