package io.espalier.bench.soak;

import io.espalier.bench.soak.Victim.Signal;
import io.espalier.cli.stack.StackException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Carries out strikes, one after another; what lasts for a while ends while the next ones fall. Only what lives is hit: a
 * process that starts is waited for, or on a slow machine nothing would ever come up.
 */
final class Killer {
    private static final Duration WORKER_STALL = SoakStack.LEASE.multipliedBy(2);
    /** Longer than a coordinator's session with the broker. */
    private static final Duration COORDINATOR_STALL = Duration.ofSeconds(13);
    private static final Duration START = Duration.ofMinutes(1);
    private static final Duration LATE = Duration.ofMillis(60);
    private static final Duration SLOW_FOR = Duration.ofSeconds(5);
    private static final Duration FULL_FOR = Duration.ofSeconds(3);

    /** @param victim name of the process hit, with the number of its life for workers; empty for none */
    record Struck(Strike.Kind kind, Instant at, String victim) {}

    private final SoakStack stack;
    private final Optional<SmallDisk> disk;
    private final Consumer<String> watcher;
    private final List<Struck> struck = new ArrayList<>();
    private final List<Thread> lasting = new ArrayList<>();
    private int left;

    /**
     * @param disk    that can be filled, if there is one
     * @param watcher is told every strike
     */
    Killer(SoakStack stack, Optional<SmallDisk> disk, Consumer<String> watcher) {
        this.watcher = watcher;
        this.stack = stack;
        this.disk = disk;
    }

    /** Returns when all has been done and undone. */
    void strike(List<Strike> strikes) throws IOException, InterruptedException {
        for (Strike strike : strikes) {
            Thread.sleep(strike.after());
            strike(strike);
        }
        for (Thread end : lasting) {
            end.join();
        }
    }

    /** What was done, in order. */
    List<Struck> struck() {
        return struck;
    }

    /** Strikes on a disk that cannot be filled. */
    int leftOut() {
        return left;
    }

    private void strike(Strike strike) throws IOException, InterruptedException {
        switch (strike.kind()) {
            case WORKER_KILLED -> hit(strike, stack.workers(), Signal.KILL);
            case WORKER_DRAINED -> hit(strike, stack.workers(), Signal.TERM);
            case WORKER_STALLED -> stall(strike, stack.workers(), WORKER_STALL);
            case COORDINATOR_KILLED -> hit(strike, stack.coordinators(), Signal.KILL);
            case COORDINATOR_STALLED -> stall(strike, stack.coordinators(), COORDINATOR_STALL);
            case BROKER_KILLED -> hit(strike, List.of(stack.broker()), Signal.KILL);
            case BROKER_RESTARTED -> hit(strike, List.of(stack.broker()), Signal.TERM);
            case NETWORK_CUT -> {
                note(strike, "");
                stack.network().cut();
            }
            case NETWORK_SLOW -> {
                note(strike, "");
                stack.network().delay(LATE);
                later(SLOW_FOR, () -> stack.network().delay(Duration.ZERO));
            }
            case DISK_FULL -> fill(strike);
        }
    }

    private void hit(Strike strike, List<Victim> victims, Signal signal) throws IOException, InterruptedException {
        Victim victim = living(victims.get(strike.which() % victims.size()));
        note(strike, victim.name() + "." + victim.life());
        victim.signal(signal);
    }

    private void stall(Strike strike, List<Victim> victims, Duration time) throws IOException, InterruptedException {
        Victim victim = living(victims.get(strike.which() % victims.size()));
        long pid = victim.pid();
        note(strike, victim.name() + "." + victim.life());
        Victim.signal(pid, Signal.STOP);
        later(time, () -> Victim.signal(pid, Signal.CONT));
    }

    private static Victim living(Victim victim) throws InterruptedException {
        try {
            victim.awaitReady(START);
        } catch (StackException e) {
            // it cannot start while something else is down, or is a new life by now: hit it as it is
        }
        return victim;
    }

    private void fill(Strike strike) throws IOException {
        if (disk.isEmpty()) {
            left++;
            return;
        }
        note(strike, "");
        disk.get().fill();
        later(FULL_FOR, () -> disk.get().free());
    }

    private void note(Strike strike, String victim) {
        var blow = new Struck(strike.kind(), Instant.now(), victim);
        struck.add(blow);
        watcher.accept(struck.size() + " " + blow.at() + " " + blow.kind() + " " + victim);
    }

    /** What undoes a strike. */
    private interface Undo {
        void run() throws IOException, InterruptedException;
    }

    private void later(Duration time, Undo undo) {
        lasting.add(Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(time);
                undo.run();
            } catch (IOException e) {
                throw new IllegalStateException("a strike cannot be undone", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
    }
}
