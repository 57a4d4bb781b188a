package io.espalier.coordinator.job;

import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.request.Recovery;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * SELECT: all candidates side by side, a round for each step: PREPARE, SCORE, RANK, SLICE; then perplexity before and a
 * short recovery; then perplexity after it. The first perplexity protocol of the request decides. The works are those of
 * the stages of the same names, so that what is done here is never done again.
 */
record SelectStage() implements Stage {
    static final int ROUNDS = 6;
    /** A warm-up as long as the recovery would never reach the learning rate. */
    private static final int WARMUP_SHARE = 10;

    @Override
    public List<Work> open(Findings found) {
        return IntStream.range(0, found.request().select().candidates()).<Work>mapToObj(i -> new Work.Prepare(found
                .original(), found.request().candidate(i), 0)).toList();
    }

    @Override
    public List<Work> next(Findings found, StageRun run) {
        Selection selection = new Selection(found, run);
        return switch (run.round()) {
            case Selection.PREPARED -> IntStream.range(0, selection.count()).boxed().flatMap(i -> selection.scoring(i)
                    .stream()).toList();
            case Selection.SCORED -> each(selection, i -> new Work.Rank(found.original(), selection.request(i),
                    selection.statistics(i), null, 1, 1, found.times(selection.request(i))));
            case Selection.RANKED -> each(selection, i -> new Work.Slice(found.original(), selection.request(i)
                    .method(), selection.plan(i), selection.calibration(i)));
            case Selection.SLICED -> shortRecoveries(found, selection);
            case Selection.RECOVERED -> each(selection, i -> perplexity(found, selection.recovered(i)));
            default -> List.of();
        };
    }

    private static List<Work> shortRecoveries(Findings found, Selection selection) {
        Recovery.Lora lora = found.request().recovery().lora().shortened(found.request().select().recoverSteps(),
                WARMUP_SHARE);
        List<Work> works = each(selection, i -> perplexity(found, selection.pruned(i)));
        works.addAll(each(selection, i -> new Work.Recover(selection.pruned(i), lora, RecoverStage.seed(selection
                .request(i)))));
        return works;
    }

    private static Work perplexity(Findings found, ModelSource model) {
        Evaluation evaluation = found.request().evaluation();
        return new Work.Perplexity(model, evaluation.perplexity().getFirst().whole(), evaluation.dtype());
    }

    private static List<Work> each(Selection selection, IntFunction<Work> work) {
        return new ArrayList<>(IntStream.range(0, selection.count()).mapToObj(work).toList());
    }
}
