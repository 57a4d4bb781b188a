package io.espalier.bench.soak;

import io.espalier.bench.Bench;
import io.espalier.bench.Benchmark;
import io.espalier.bench.result.Figure;
import io.espalier.bench.result.Result;
import io.espalier.protocol.message.JobSnapshot;
import io.espalier.protocol.message.TaskReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Kills everything again and again while many small jobs run, and counts what was lost or doubled.
 *
 * @see io.espalier.bench.soak
 */
public final class SoakBenchmark implements Benchmark {
    private static final int KILLS = 200;
    private static final int QUICK_KILLS = 5;
    private static final int USERS = 10;
    /** What the last jobs may take once nobody is killed any more: several leases, back-offs and restarts. */
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int VIOLATIONS_SHOWN = 20;

    @Override
    public String name() {
        return "soak";
    }

    @Override
    public String description() {
        return "many small jobs while broker, coordinators and workers are killed: what is lost or doubled, and for how long it is felt";
    }

    @Override
    public Map<String, String> settings() {
        return Map.of("kills", "strikes in all [" + KILLS + "]", "seed",
                "of the strikes and the jobs; prints and replays [any]",
                "folder", "keeps logs and data of the run there [a temporary one]");
    }

    @Override
    public Result run(Bench bench) throws Exception {
        int kills = bench.options().integer("kills", KILLS, QUICK_KILLS);
        long seed = Long.parseLong(bench.options().text("seed", Long.toString(System.nanoTime() & 0xffff)));
        Path folder = Path.of(bench.options().text("folder", bench.folder().resolve("soak").toString()))
                .toAbsolutePath();
        bench.say("soak: seed " + seed + ", " + kills + " strikes; the same again: --set seed=" + seed + " --set kills="
                + kills);
        Files.createDirectories(folder);
        Optional<SmallDisk> disk = SmallDisk.mount(folder.resolve("artifacts"));
        try {
            return run(bench, folder, seed, Strike.plan(seed, kills), disk);
        } finally {
            disk.ifPresent(SmallDisk::close);
        }
    }

    private static Result run(Bench bench, Path folder, long seed, List<Strike> strikes, Optional<SmallDisk> disk)
            throws Exception {
        var audit = new Audit();
        Path text = Files.writeString(folder.resolve("text.txt"), "Once upon a time.");
        try (var stack = new SoakStack(folder, bench.installation())) {
            var users = new Users(stack.servers(), text, seed);
            users.start(USERS);
            var killer = new Killer(stack, disk, line -> append(folder.resolve("strikes.log"), line));
            killer.strike(strikes);
            bench.say("soak: " + killer.struck().size() + " strikes done; waiting for the last jobs");
            users.end(PATIENCE);
            audit.jobs(users.expected(), users.ended());
            audit.artifacts(stack.artifacts());
            Listener listener = Listener.read(stack.bootstrapServers());
            return result(seed, users, killer, audit, listener);
        }
    }

    private static void append(Path file, String line) {
        try {
            Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Result result(long seed, Users users, Killer killer, Audit audit, Listener listener) {
        var result = new Result.Builder();
        judge(audit, seed, result);
        result.add(Figure.more("strikes", killer.struck().size(), "strikes"));
        result.add(Figure.more("jobs", users.expected().size(), "jobs"));
        long tasks = users.ended().values().stream().flatMap(job -> job.stages().stream()).mapToInt(
                JobSnapshot.Stage::done).sum();
        long attempts = listener.reports().stream().filter(TaskReport.Started.class::isInstance).count();
        result.add(Figure.more("tasks done", tasks, "tasks"));
        result.add(Figure.less("attempts", attempts, "attempts"));
        result.add(Figure.more("artifacts verified", audit.artifacts(), "artifacts"));
        new Recovery(listener).of(killer.struck()).forEach((kind, times) -> {
            add(result, kind.label() + ": recovery", times.recovery());
            add(result, kind.label() + ": work lost", times.lost());
        });
        result.note(audit.swept() + " artifacts of attempts that came to nothing were collected at the end");
        if (killer.leftOut() > 0) {
            result.note(killer.leftOut() + " strikes on the disk left out: a small file system cannot be mounted here");
        }
        return result.build();
    }

    /** One violation, and the run has failed. */
    static void judge(Audit audit, long seed, Result.Builder result) {
        result.add(Figure.less("violations", audit.violations().size(), "violations").noted("seed " + seed));
        audit.violations().stream().limit(VIOLATIONS_SHOWN)
                .forEach(violation -> result.fault("VIOLATION " + violation));
    }

    private static void add(Result.Builder result, String name, List<Double> seconds) {
        if (!seconds.isEmpty()) {
            List<Double> sorted = seconds.stream().sorted().toList();
            String count = "of " + sorted.size();
            result.add(Figure.less(name + ", median", sorted.get(sorted.size() / 2), "s").noted(count));
            result.add(Figure.less(name + ", worst", sorted.getLast(), "s").noted(count));
        }
    }
}
