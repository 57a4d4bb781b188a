package io.espalier.artifacts;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Locks between the processes of a machine, by files: a killed process leaves none behind. A Java process may hold a file's
 * lock only once, so that what its own threads share or dispute is settled here first.
 */
final class MachineLocks {
    private static final Map<Path, Shared> SHARED = new HashMap<>();
    private static final Map<Path, ReentrantLock> EXCLUSIVE = new ConcurrentHashMap<>();

    private static final class Shared {
        private final FileChannel channel;
        private int holders;

        Shared(FileChannel channel) {
            this.channel = channel;
        }
    }

    /** What runs while a lock is held. */
    @FunctionalInterface
    interface Action {
        void run() throws IOException, InterruptedException;
    }

    private MachineLocks() {}

    /** Holds a lock that others may hold too, until {@link #release}. */
    static void share(Path file) throws IOException {
        synchronized (SHARED) {
            Shared shared = SHARED.get(file);
            if (shared == null) {
                shared = new Shared(open(file));
                shared.channel.lock(0, Long.MAX_VALUE, true); // others hold it alone for a moment only
                SHARED.put(file, shared);
            }
            shared.holders++;
        }
    }

    static void release(Path file) throws IOException {
        synchronized (SHARED) {
            Shared shared = SHARED.get(file);
            if (--shared.holders == 0) {
                SHARED.remove(file);
                shared.channel.close();
            }
        }
    }

    /** Does something short while nobody shares the lock; false, and nothing done, if somebody does. */
    static boolean unlessShared(Path file, Action action) throws IOException, InterruptedException {
        synchronized (SHARED) {
            if (SHARED.containsKey(file)) {
                return false;
            }
            try (FileChannel channel = open(file); FileLock lock = channel.tryLock()) {
                if (lock == null) {
                    return false;
                }
                action.run();
                return true;
            }
        }
    }

    /** Does something that may take long, one after the other on the whole machine. */
    static void alone(Path file, Action action) throws IOException, InterruptedException {
        ReentrantLock own = EXCLUSIVE.computeIfAbsent(file, _ -> new ReentrantLock());
        own.lockInterruptibly();
        try (FileChannel channel = open(file)) {
            channel.lock();
            action.run();
        } finally {
            own.unlock();
        }
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }
}
