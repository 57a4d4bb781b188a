package io.espalier.bench.soak;

import io.espalier.cli.stack.ChildProcess;
import io.espalier.cli.stack.StackException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** A process that is started again as often as it dies. */
final class Victim {
    /** Signals by name. */
    enum Signal {
        KILL, TERM, STOP, CONT
    }

    private final String name;
    private final List<String> command;
    private final IntFunction<Map<String, String>> environment;
    private final Path log;
    private ChildProcess child;
    private int life;
    private boolean stopping;

    /** @param environment of its n-th life */
    Victim(String name, List<String> command, IntFunction<Map<String, String>> environment, Path log) {
        this.name = name;
        this.command = command;
        this.environment = environment;
        this.log = log;
    }

    String name() {
        return name;
    }

    synchronized void start() {
        if (stopping) {
            return;
        }
        life++;
        try {
            child = ChildProcess.start(name, command, environment.apply(life), log);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be started", e);
        }
        child.onExit().thenRun(this::start);
    }

    String awaitReady(Duration patience) throws StackException, InterruptedException {
        return current().awaitReady(patience);
    }

    private synchronized ChildProcess current() {
        return child;
    }

    /** Which of its lives it lives. */
    synchronized int life() {
        return life;
    }

    /** The process as it is now; a later life is another one. */
    long pid() {
        return current().pid();
    }

    void signal(Signal signal) throws IOException, InterruptedException {
        signal(pid(), signal);
    }

    static void signal(long pid, Signal signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).redirectErrorStream(true).start().waitFor();
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
}
