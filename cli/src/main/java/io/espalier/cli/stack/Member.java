package io.espalier.cli.stack;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One process that the stack keeps running: when it dies it is started again, and the user is told; a process that keeps
 * dying is given up, which {@link #givenUp} tells.
 */
final class Member {
    private static final int MOST_RESTARTS = 5;
    /** Deaths further back do not count: a stack that runs for weeks may lose a process now and then. */
    private static final Duration RECENT = Duration.ofMinutes(5);

    private final Program program;
    private final String name;
    private final List<String> command;
    private final Supplier<Map<String, String>> environment;
    private final Path log;
    private final Consumer<String> notice;
    private final CompletableFuture<StackException> givenUp = new CompletableFuture<>();
    private ChildProcess child;
    private final Deque<Instant> deaths = new ArrayDeque<>();
    private boolean stopping;

    Member(Program program, String name, List<String> command, Supplier<Map<String, String>> environment, Path log,
            Consumer<String> notice) {
        this.program = program;
        this.name = name;
        this.command = command;
        this.environment = environment;
        this.log = log;
        this.notice = notice;
    }

    Program program() {
        return program;
    }

    /** Starts the process without waiting for it. */
    synchronized void start() throws StackException {
        if (stopping) {
            return;
        }
        try {
            child = ChildProcess.start(name, command, environment.get(), log);
        } catch (IOException e) {
            throw new StackException(name + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Waits for the first start; from then on the process is watched. */
    String awaitReady(Duration patience) throws StackException, InterruptedException {
        ChildProcess first = current();
        if (first == null) {
            throw new StackException(name + " was stopped before it started");
        }
        String answer = first.awaitReady(patience);
        watch(first);
        return answer;
    }

    private void watch(ChildProcess watched) {
        watched.onExit().thenRun(() -> ended(watched));
    }

    private synchronized void ended(ChildProcess dead) {
        if (stopping) {
            return;
        }
        Instant now = Instant.now();
        deaths.removeIf(death -> death.isBefore(now.minus(RECENT)));
        deaths.add(now);
        if (deaths.size() > MOST_RESTARTS) {
            givenUp.complete(new StackException(name + " ended again (" + dead.ending() + ") and was started "
                    + MOST_RESTARTS + " times within " + RECENT.toMinutes() + " minutes before: giving up"
                    + dead.tail()));
            return;
        }
        notice.accept(name + " ended (" + dead.ending() + "); starting it again");
        try {
            start();
            watch(child);
        } catch (StackException e) {
            givenUp.complete(e);
        }
    }

    /** Completes with the reason when the process cannot be kept running. */
    CompletableFuture<StackException> givenUp() {
        return givenUp;
    }

    void stop(Duration patience) {
        ChildProcess last;
        synchronized (this) {
            stopping = true;
            last = child;
        }
        if (last != null) {
            last.stop(patience);
        }
    }

    synchronized ChildProcess current() {
        return child;
    }
}
