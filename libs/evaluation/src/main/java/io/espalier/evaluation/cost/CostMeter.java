package io.espalier.evaluation.cost;

import ai.djl.Device;
import io.espalier.evaluation.Progress;
import io.espalier.model.config.ModelConfig;
import io.espalier.model.forward.Model;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Measures models side by side: if wanted, first the memory of each alone, then their latency in turns (original, pruned, original,
 * pruned, …), so that whatever else the machine does hits all of them alike. After a warm-up, medians count. Models that
 * do not fit into memory together are timed one after the other; one that does not fit alone is streamed, and its
 * latency is that of streaming. Models so slow that a run outlasts its patience are timed in fewer rounds: their runs are
 * long enough to even out what else the machine does.
 */
public final class CostMeter {
    private static final int MEMORY_RUNS = 3;
    /** Above some hundred megabytes the noise of the process no longer counts, and a run takes its time. */
    private static final long REPEATED_BELOW = 500_000_000;

    private final Device device;
    private final long residentBytes;
    private final MemoryGauge gauge;
    private final Plan plan;

    /**
     * @param promptTokens  length of the prompt
     * @param decodedTokens tokens behind it
     * @param warmUps       rounds that do not count
     * @param rounds        rounds that count
     * @param patience      a round of one model stops decoding when it has taken so long; the round in which that happens
     *                      first is the last warm-up, and half the rounds count, at least two
     */
    public record Plan(int promptTokens, int decodedTokens, int warmUps, int rounds, Duration patience) {
        /** 64 tokens, as MACs are counted, and 32 more; 5 rounds after 2. */
        public static Plan standard() {
            return new Plan(64, 32, 2, 5, Duration.ofSeconds(20));
        }

        /** The same runs, repeated more often or less. */
        public Plan withRounds(int changed) {
            return new Plan(promptTokens, decodedTokens, warmUps, changed, patience);
        }

        /** Of models whose runs outlast the patience. */
        private int slowRounds() {
            return Math.min(rounds, Math.max(2, rounds / 2));
        }
    }

    /**
     * @param residentBytes fp32 weights that may stay in memory
     */
    public CostMeter(Device device, long residentBytes, MemoryGauge gauge, Plan plan) {
        this.device = device;
        this.residentBytes = residentBytes;
        this.gauge = gauge;
        this.plan = plan;
    }

    /**
     * Memory and latency.
     *
     * @param folders checkpoints by whatever the caller calls them; measured in this order
     */
    public <K> Map<K, Cost> measure(Map<K, Path> folders, Progress progress) throws InterruptedException {
        Map<K, Trial> trials = trials(folders);
        Steps steps = new Steps(trials.size() * (1 + rounds()), progress);
        warmUp(trials.values().iterator().next());
        for (Trial trial : trials.values()) {
            trial.measureMemory();
            steps.done(tokensPerRun());
        }
        time(trials.values(), steps);
        Map<K, Cost> costs = new LinkedHashMap<>();
        trials.forEach((key, trial) -> costs.put(key, new Cost(trial.latency(), trial.peakBytes)));
        return costs;
    }

    /** Latency alone, measured in the same way. */
    public <K> Map<K, Latency> time(Map<K, Path> folders, Progress progress) throws InterruptedException {
        Map<K, Trial> trials = trials(folders);
        warmUp(trials.values().iterator().next());
        time(trials.values(), new Steps(trials.size() * rounds(), progress));
        Map<K, Latency> latencies = new LinkedHashMap<>();
        trials.forEach((key, trial) -> latencies.put(key, trial.latency()));
        return latencies;
    }

    private <K> Map<K, Trial> trials(Map<K, Path> folders) {
        Map<K, Trial> trials = new LinkedHashMap<>();
        folders.forEach((key, folder) -> trials.put(key, new Trial(folder)));
        return trials;
    }

    private int rounds() {
        return plan.warmUps() + plan.rounds();
    }

    /** What the process needs only once (code, thread pools) shall not count as the first model's, where it shows. */
    private void warmUp(Trial first) {
        if (!first.isSmall()) {
            return;
        }
        try (Model model = first.open()) {
            TimedRun.of(model, plan);
        }
    }

    private boolean fitTogether(Collection<Trial> trials) {
        long bytes = 0;
        for (Trial trial : trials) {
            bytes += trial.bytes;
        }
        return bytes <= residentBytes;
    }

    private void time(Collection<Trial> trials, Steps steps) throws InterruptedException {
        List<List<Trial>> together = fitTogether(trials)
                ? List.of(List.copyOf(trials))
                : trials.stream().map(List::of).toList();
        for (List<Trial> group : together) {
            timeInTurns(group, steps);
        }
    }

    private void timeInTurns(List<Trial> group, Steps steps) throws InterruptedException {
        List<Model> models = new ArrayList<>();
        try {
            for (Trial trial : group) {
                models.add(trial.open());
            }
            int warmUps = plan.warmUps();
            int rounds = plan.rounds();
            for (int round = 0; round < warmUps + rounds; round++) {
                boolean slow = false;
                for (int i = 0; i < group.size(); i++) {
                    TimedRun run = TimedRun.of(models.get(i), plan);
                    if (round >= warmUps) {
                        group.get(i).runs.add(run);
                    }
                    slow |= run.outlasted(plan.patience());
                    steps.done(run.tokens());
                }
                if (slow) {
                    int planned = warmUps + rounds;
                    warmUps = Math.min(warmUps, round + 1);
                    rounds = plan.slowRounds();
                    steps.skip((planned - Math.max(warmUps + rounds, round + 1)) * group.size());
                }
            }
        } finally {
            models.reversed().forEach(Model::close);
        }
    }

    private long tokensPerRun() {
        return plan.promptTokens() + plan.decodedTokens();
    }

    /** One model and what has been measured of it. */
    private final class Trial {
        private final Path folder;
        private final long bytes;
        private final List<TimedRun> runs = new ArrayList<>();
        private long peakBytes;

        Trial(Path folder) {
            this.folder = folder;
            this.bytes = ModelConfig.read(folder).parameters() * Float.BYTES;
        }

        Model open() {
            return Model.open(folder, device, residentBytes);
        }

        boolean isSmall() {
            return bytes < REPEATED_BELOW;
        }

        /** What else a process does only ever adds to its peak: the least of some runs is nearest to the model's own. */
        void measureMemory() {
            int repeats = isSmall() ? MEMORY_RUNS : 1;
            peakBytes = IntStream.range(0, repeats).mapToLong(i -> peakOfOneRun()).min().orElseThrow();
        }

        private long peakOfOneRun() {
            gauge.start();
            try (Model model = open()) {
                TimedRun.of(model, plan);
                // Pages tell little of a model of some megabytes: its weights at least are there.
                return Math.max(gauge.peakBytes(), model.isResident() ? bytes : 0);
            }
        }

        Latency latency() {
            return new Latency(Timing.of(runs.stream().mapToDouble(TimedRun::prefillMillis)), Timing.of(runs.stream()
                    .mapToDouble(TimedRun::decodeMillisPerToken)));
        }
    }

    /** Counts runs for the progress. */
    private static final class Steps {
        private int all;
        private final Progress progress;
        private int done;

        Steps(int all, Progress progress) {
            this.all = all;
            this.progress = progress;
        }

        /** There will be so many less. */
        void skip(int runs) {
            all -= runs;
        }

        void done(long tokens) throws InterruptedException {
            done++;
            progress.advanced((double) done / all, tokens);
        }
    }
}
