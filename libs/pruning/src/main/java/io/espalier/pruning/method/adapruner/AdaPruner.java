package io.espalier.pruning.method.adapruner;

import io.espalier.model.forward.CrossEntropy;
import io.espalier.model.forward.Gradients;
import io.espalier.model.forward.MicroBatches;
import io.espalier.model.forward.Model;
import io.espalier.pruning.group.ModelShape;
import io.espalier.pruning.importance.Statistics;
import io.espalier.pruning.method.IterativeMethod;
import io.espalier.pruning.method.JsonState;
import io.espalier.pruning.method.MethodOptions;
import io.espalier.pruning.method.Objective;
import io.espalier.pruning.method.PassProgress;
import io.espalier.pruning.method.Proposal;
import io.espalier.pruning.method.ProposalTask;
import io.espalier.pruning.method.RankingTask;
import io.espalier.pruning.method.Scoring;
import io.espalier.pruning.method.ScoringTask;
import io.espalier.pruning.plan.PruningGoal;
import io.espalier.pruning.plan.PruningPlan;

/**
 * AdaPruner-style pruning (arXiv:2503.06184): Bayesian optimisation over calibration subsets and blends of Taylor
 * metrics, by perplexity of the pruned model on a slice of text apart from the pool. The paper's text gives neither pool,
 * ranges, blend nor number of trials, and no code is public: {@link Basis}, {@link Blend}, {@link Subsets}, local
 * ranking at LLM-Pruner's ratios and the settings are our derivation [D].
 */
public final class AdaPruner implements IterativeMethod {
    @Override
    public String name() {
        return "adapruner";
    }

    /** Rows of the samples stand side by side, so the pool may be spread; the first subset must not be torn apart. */
    @Override
    public Scoring scoring(MethodOptions options) {
        return Scoring.bySamples().withTogether(options.integer("subsetSize", 10)).withProbe(
                options.integer("validationSamples", 64), options.integer("validationLength", 128));
    }

    /** With gradients, the first subset's sums of them and of their squares, and products of the largest weight in fp64. */
    @Override
    public int blockCopies(MethodOptions options) {
        return 5;
    }

    @Override
    public Objective objective() {
        return Objective.PERPLEXITY;
    }

    @Override
    public int measuredSequences(MethodOptions options) {
        return options.integer("validationSamples", 64);
    }

    @Override
    public Statistics score(ScoringTask task) throws InterruptedException {
        int literal = task.options().integer("subsetSize", 10);
        int last = task.firstSample() + task.samples().length;
        if (task.firstSample() < literal && (task.firstSample() > 0 || last < literal)) {
            throw new IllegalArgumentException("the first " + literal + " samples must be in one task, not split at "
                    + (task.firstSample() > 0 ? task.firstSample() : last));
        }
        Statistics statistics = Statistics.spillingTo(task.compute().scratch());
        try (Model model = task.compute().open(task.model())) {
            MicroBatches tokens = MicroBatches.of(task.samples(), 1);
            var visitor = new PoolPass(model, task, literal, statistics,
                    PassProgress.thereAndBack(task.progress(), tokens,
                            model.config().layers().size()));
            PassProgress.run(() -> task.compute().streamer(model).backward(tokens, new CrossEntropy(),
                    Gradients.PER_SEQUENCE, task.samples().length, visitor, task.checkpoints(statistics)));
        }
        statistics.add("samples", task.samples().length);
        return statistics;
    }

    @Override
    public PruningPlan rank(RankingTask task) {
        throw new IllegalStateException("AdaPruner decides by measured candidates");
    }

    @Override
    public Proposal propose(ProposalTask task) {
        Trials trials = new Trials(task.original(), task.goal(), task.options(),
                Statistics.merge(task.statistics()), task.seed());
        TrialState state = task.isFirst()
                ? trials.begin()
                : trials.next(JsonState.read(task.state(), TrialState.class), task.measured());
        if (!state.pending().isEmpty()) {
            double best = state.trials().isEmpty() ? Double.NaN : trials.best(state).value();
            return Proposal.goOn(JsonState.write(state), trials.candidates(state), best);
        }
        return Proposal.done(JsonState.write(state), trials.choice(state), trials.best(state).value());
    }

    @Override
    public void check(ModelShape shape, PruningGoal goal, MethodOptions options) {
        if (options.integer("startTrials", 10) > options.integer("trials", 100)) {
            throw new IllegalArgumentException("method.startTrials: " + options.integer("startTrials", 10)
                    + " is more than method.trials (" + options.integer("trials", 100) + ")");
        }
    }
}
