package io.espalier.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Holds each of some processes to a share of a core, by a control group of Linux (version 1 or 2) with a quota of CPU time.
 * So a machine of two cores shows what workers bring where there are cores enough for them and for all else.
 */
public final class CpuQuota implements AutoCloseable {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    /** Short, so that quotas are as even as can be within a task. */
    private static final long PERIOD_MICROS = 10_000;

    private final double cores;
    private final Path root;
    private final List<Path> groups = new CopyOnWriteArrayList<>();

    /** @param cores that each process gets; from 1 on it is not held */
    public CpuQuota(double cores) {
        this(cores, ROOT);
    }

    CpuQuota(double cores, Path root) {
        this.cores = cores;
        this.root = root;
    }

    public double cores() {
        return cores;
    }

    /**
     * The command within a group of its own.
     *
     * @throws IOException if this user may make no groups, or the system has none
     */
    public List<String> hold(List<String> command) throws IOException {
        if (cores >= 1) {
            return command;
        }
        List<String> held = new ArrayList<>(List.of("sh", "-c", "echo $$ > \"$0\" && exec \"$@\"", group().resolve(
                "cgroup.procs").toString()));
        held.addAll(command);
        return held;
    }

    /** Removes the groups of processes that have ended. */
    @Override
    public void close() {
        for (Path group : groups) {
            try {
                Files.deleteIfExists(group);
            } catch (IOException e) {
                System.err.println("The control group " + group + " stays behind: " + e.getMessage());
            }
        }
        groups.clear();
    }

    private Path group() throws IOException {
        long quota = Math.round(cores * PERIOD_MICROS);
        Path first = root.resolve("cpu");
        boolean isFirstVersion = Files.exists(first.resolve("cpu.cfs_quota_us"));
        try {
            Path group = Files.createTempDirectory(isFirstVersion ? first : root, "espalier-bench-");
            groups.add(group);
            if (isFirstVersion) {
                Files.writeString(group.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
                Files.writeString(group.resolve("cpu.cfs_quota_us"), Long.toString(quota));
            } else {
                Files.writeString(group.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
            }
            return group;
        } catch (IOException e) {
            throw new IOException(
                    "--set cores=" + cores + " needs control groups for CPU time that this user may make below "
                            + root + ": " + e,
                    e);
        }
    }
}
