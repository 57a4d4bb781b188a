package io.espalier.evaluation.cost;

import io.espalier.model.forward.Model;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** Times open models in turns, in as many rounds as their speed asks for. */
final class TimedRounds {
    /** Standard error of a median, relative. */
    private static final double PRECISION = 0.01;
    /** The share of the time for more rounds that more warm-ups take. */
    private static final int WARMING = 4;

    private final List<Model> models;
    private final CostMeter.Plan plan;
    private final TimingSteps steps;
    private final long refiningNanos;
    private final List<List<TimedRun>> runs = new ArrayList<>();
    /** A run has outlasted the patience. */
    private boolean slow;

    TimedRounds(List<Model> models, CostMeter.Plan plan, TimingSteps steps) {
        this.models = models;
        this.plan = plan;
        this.steps = steps;
        this.refiningNanos = plan.refining().multipliedBy(models.size()).toNanos();
        models.forEach(model -> runs.add(new ArrayList<>()));
    }

    /** @return per model the runs that count */
    List<List<TimedRun>> run() throws InterruptedException {
        long start = System.nanoTime();
        warmUp(start);
        count(System.nanoTime());
        if (refiningNanos > 0) {
            steps.done(models.size(), 0);
        }
        return runs;
    }

    private void warmUp(long start) throws InterruptedException {
        int round = 0;
        while (!slow && round < plan.warmUps()) {
            planned(false);
            round++;
        }
        while (!slow && System.nanoTime() - start < refiningNanos / WARMING) {
            added(false, start);
        }
        if (slow) {
            skip(plan.warmUps() - round + plan.rounds() - plan.slowRounds());
        }
    }

    private void count(long start) throws InterruptedException {
        boolean known = slow;
        int round = 0;
        while (round < (slow ? plan.slowRounds() : plan.rounds())) {
            planned(true);
            round++;
        }
        if (slow && !known) {
            skip(plan.rounds() - round);
        }
        while (!slow && !areKnown() && System.nanoTime() - start < refiningNanos) {
            added(true, start);
        }
    }

    private void skip(int rounds) {
        steps.skip(rounds * models.size());
    }

    private void planned(boolean counts) throws InterruptedException {
        round(counts, tokens -> steps.done(1, tokens));
    }

    private void added(boolean counts, long start) throws InterruptedException {
        round(counts, tokens -> {
            double spent = (double) (System.nanoTime() - start) / refiningNanos;
            steps.within(counts ? models.size() * Math.min(1, spent) : 0, tokens);
        });
    }

    private void round(boolean counts, AfterRun after) throws InterruptedException {
        for (int i = 0; i < models.size(); i++) {
            TimedRun run = TimedRun.of(models.get(i), plan);
            if (counts) {
                runs.get(i).add(run);
            }
            slow |= run.outlasted(plan.patience());
            after.ran(run.tokens());
        }
    }

    private boolean areKnown() {
        return runs.stream().allMatch(ofModel -> isKnown(ofModel, TimedRun::prefillMillis) && isKnown(ofModel,
                TimedRun::decodeMillisPerToken));
    }

    private static boolean isKnown(List<TimedRun> runs, ToDoubleFunction<TimedRun> figure) {
        Timing timing = Timing.of(runs.stream().mapToDouble(figure));
        return timing.standardError() <= PRECISION * timing.median();
    }

    @FunctionalInterface
    private interface AfterRun {
        void ran(long tokens) throws InterruptedException;
    }
}
