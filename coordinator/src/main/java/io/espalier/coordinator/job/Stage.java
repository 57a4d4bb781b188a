package io.espalier.coordinator.job;

import io.espalier.protocol.message.Work;
import java.util.List;
import java.util.Optional;

/**
 * A step of a job, as a value: which work it opens, and what follows from what its tasks found. It reads only what
 * earlier stages and its own rounds found, and keeps nothing.
 */
sealed interface Stage
        permits PrepareStage, TimeStage, ScoreStage, RankStage, SearchStage, SelectStage, SliceStage, RecoverStage,
        EvaluateStage,
        ReportStage {
    /** Work of the first round; an empty list closes the stage at once. */
    List<Work> open(Findings found);

    /** Work of the next round, once every task of the latest one is done; an empty list closes the stage. */
    default List<Work> next(Findings found, StageRun run) {
        return List.of();
    }

    /** Why what the tasks of a finished round found is worthless, in words for the user; empty where it is not. */
    default Optional<String> problem(Findings found, StageRun run) {
        return Optional.empty();
    }

    static Stage of(StageRun run) {
        return switch (run.name()) {
            case PREPARE -> new PrepareStage(run.step());
            case TIME -> new TimeStage();
            case SCORE -> new ScoreStage(run.step());
            case RANK -> new RankStage(run.step());
            case SEARCH -> new SearchStage(run.step());
            case SELECT -> new SelectStage();
            case SLICE -> new SliceStage(run.step());
            case RECOVER -> new RecoverStage();
            case EVALUATE -> new EvaluateStage();
            case REPORT -> new ReportStage();
        };
    }
}
