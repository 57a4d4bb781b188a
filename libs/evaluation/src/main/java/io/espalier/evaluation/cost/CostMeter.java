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
 * long enough to even out what else the machine does. Models so fast that a run takes milliseconds are timed in more, until
 * their medians are known well enough or their share of time is over.
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
     * @param refining      of fast models: rounds are added while medians have standard errors above a hundredth of their
     *                      values, until those that count have taken so long for each model; and warm-ups are added for a quarter
     *                      of it, as code is compiled by how often it ran
     */
    public record Plan(int promptTokens, int decodedTokens, int warmUps, int rounds, Duration patience,
            Duration refining) {
        /** 64 tokens, as MACs are counted, and 32 more; at least 5 rounds after 2, more within 2 seconds a model. */
        public static Plan standard() {
            return new Plan(64, 32, 2, 5, Duration.ofSeconds(20), Duration.ofSeconds(2));
        }

        /** The same runs, repeated more often or less. */
        public Plan withRounds(int changed) {
            return new Plan(promptTokens, decodedTokens, warmUps, changed, patience, refining);
        }

        /** The same runs, within other limits of time for each model. */
        public Plan refinedFor(Duration changed) {
            return new Plan(promptTokens, decodedTokens, warmUps, rounds, patience, changed);
        }

        /** Of models whose runs outlast the patience. */
        int slowRounds() {
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
        TimingSteps steps = new TimingSteps(trials.size() * (1 + rounds()), progress);
        warmUp(trials.values().iterator().next());
        for (Trial trial : trials.values()) {
            trial.measureMemory();
            steps.done(1, tokensPerRun());
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
        time(trials.values(), new TimingSteps(trials.size() * rounds(), progress));
        Map<K, Latency> latencies = new LinkedHashMap<>();
        trials.forEach((key, trial) -> latencies.put(key, trial.latency()));
        return latencies;
    }

    private <K> Map<K, Trial> trials(Map<K, Path> folders) {
        Map<K, Trial> trials = new LinkedHashMap<>();
        folders.forEach((key, folder) -> trials.put(key, new Trial(folder)));
        return trials;
    }

    /** Of each model: those that are counted, and what is added to them as one. */
    private int rounds() {
        return plan.warmUps() + plan.rounds() + (plan.refining().isZero() ? 0 : 1);
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

    private void time(Collection<Trial> trials, TimingSteps steps) throws InterruptedException {
        List<List<Trial>> together = fitTogether(trials)
                ? List.of(List.copyOf(trials))
                : trials.stream().map(List::of).toList();
        for (List<Trial> group : together) {
            timeInTurns(group, steps);
        }
    }

    private void timeInTurns(List<Trial> group, TimingSteps steps) throws InterruptedException {
        List<Model> models = new ArrayList<>();
        try {
            for (Trial trial : group) {
                models.add(trial.open());
            }
            List<List<TimedRun>> runs = new TimedRounds(models, plan, steps).run();
            for (int i = 0; i < group.size(); i++) {
                group.get(i).runs = runs.get(i);
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
        private List<TimedRun> runs = List.of();
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
                    .mapToDouble(TimedRun::decodeMillisPerToken)), runs.size());
        }
    }
}
