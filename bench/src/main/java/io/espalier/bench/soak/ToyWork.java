package io.espalier.bench.soak;

import io.espalier.artifacts.ArtifactStore;
import io.espalier.protocol.message.Work;
import io.espalier.worker.task.PermanentFailureException;
import io.espalier.worker.task.TaskResult;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Results of work that nobody does.
 *
 * @param artifacts where outputs go
 * @param scratch   folder for what becomes a tree
 */
public record ToyWork(ArtifactStore artifacts, Path scratch) {
    public TaskResult of(Work work) throws IOException, PermanentFailureException {
        return switch (work) {
            case Work.Prepare prepare -> ToyResults.prepare(prepare);
            case Work.Score score -> ToyResults.score(score, artifacts);
            case Work.Rank rank -> ToyResults.rank(rank, artifacts);
            case Work.Slice slice -> ToyResults.slice(slice, artifacts, scratch);
            case Work.Perplexity perplexity -> ToyResults.perplexity(perplexity);
            case Work.Fidelity fidelity -> ToyResults.fidelity(fidelity);
            case Work.Export export -> ToyResults.export(export);
            case Work.Time _,Work.Propose _,Work.Measure _,Work.Recover _,Work.ZeroShot _,Work.Cost _ ->
                throw new PermanentFailureException(
                        "no toy does " + work.getClass().getSimpleName());
        };
    }
}
