package io.espalier.coordinator.job;

import com.fasterxml.jackson.databind.JsonNode;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * SEARCH: even rounds propose candidates from all that was measured so far, odd rounds measure them, until a proposal
 * says that it is done and holds the plan.
 */
record SearchStage(int step) implements Stage {
    private static final int MOST_TASKS = 8;
    private static final int CANDIDATES_AT_LEAST = 2;

    @Override
    public List<Work> open(Findings found) {
        return List.of(propose(found, null, List.of(), 0));
    }

    @Override
    public List<Work> next(Findings found, StageRun run) {
        return run.round() % 2 == 0 ? measure(found, run) : proposeNext(found, run);
    }

    private List<Work> measure(Findings found, StageRun run) {
        TaskState.Done proposal = done(run, run.round()).getFirst();
        if (proposal.facts().path("done").asBoolean()) {
            return List.of();
        }
        List<ArtifactRef> candidates = IntStream.range(0, proposal.facts().path("candidates").asInt())
                .mapToObj(i -> proposal.outputs().get("candidate-" + i)).toList();
        if (candidates.isEmpty()) {
            throw new IllegalStateException("a proposal is not done and has no candidates");
        }
        int tasks = tasks(candidates.size());
        return IntStream.range(0, tasks).<Work>mapToObj(i -> new Work.Measure(found.scored(step), found.request(),
                candidates.subList(Math.ceilDiv(candidates.size() * i, tasks),
                        Math.ceilDiv(candidates.size() * (i + 1), tasks)),
                found.probe(step))).toList();
    }

    /**
     * Into how many tasks the candidates of a round are split: a task reads each block once for all its candidates, so
     * it has at least two where there are as many; and a power of two, larger tasks first, lets 2, 4 or 8 workers end
     * together. How many workers there are does not count: a result must not depend on it.
     */
    static int tasks(int candidates) {
        return Math.clamp(Integer.highestOneBit(candidates / CANDIDATES_AT_LEAST), 1, MOST_TASKS);
    }

    private List<Work> proposeNext(Findings found, StageRun run) {
        List<Double> measured = new ArrayList<>();
        for (TaskState.Done part : done(run, run.round())) {
            for (JsonNode value : part.facts().path("values")) {
                measured.add(value.asDouble());
            }
        }
        ArtifactRef state = done(run, run.round() - 1).getFirst().outputs().get("state");
        return List.of(propose(found, state, measured, (run.round() + 1) / 2));
    }

    private Work propose(Findings found, ArtifactRef state, List<Double> measured, int round) {
        return new Work.Propose(found.scored(step), found.request(), found.statistics(step), found.probe(step), state,
                measured, round);
    }

    private static List<TaskState.Done> done(StageRun run, int round) {
        return run.round(round).stream().map(task -> (TaskState.Done) task.state()).toList();
    }
}
