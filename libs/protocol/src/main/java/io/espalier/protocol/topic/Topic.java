package io.espalier.protocol.topic;

import io.espalier.protocol.message.WorkerKind;
import java.util.Map;

/**
 * Every topic, declared in this one place and created at start. Keys are job ids everywhere. Topics that a coordinator
 * reads or that hold its state have the same number of partitions, so that one instance owns a job's requests, reports
 * and state together. Task topics have one partition: share groups, not partitions, make the parallelism (a second
 * partition lets a busy worker hold another record back).
 */
public enum Topic {
    // @formatter:off
    /** Pruning requests and commands. */
    REQUESTS("espalier.requests", Partitions.BY_JOB, Settings.WEEK),
    /** Latest public state of each job, for readers. */
    JOBS("espalier.jobs", Partitions.BY_JOB, Settings.LATEST),
    /** The coordinator's own state of each job; nobody else reads it. */
    JOB_LOG("espalier.job-log", Partitions.BY_JOB, Settings.LATEST),
    /** Which jobs workers must hold or drop; small, read from the start by every worker. */
    CONTROL("espalier.control", Partitions.ONE, Settings.LATEST_OF_WEEK),
    /** Work for scoring-workers. */
    TASKS_SCORING("espalier.tasks.scoring", Partitions.ONE, Settings.FOREVER),
    /** Work for gpu-workers. */
    TASKS_GPU("espalier.tasks.gpu", Partitions.ONE, Settings.FOREVER),
    /** Work for eval-workers. */
    TASKS_EVAL("espalier.tasks.eval", Partitions.ONE, Settings.FOREVER),
    /** What workers say about attempts. */
    REPORTS("espalier.reports", Partitions.BY_JOB, Settings.WEEK),
    /** What could not be processed, by us or by the broker. */
    DEAD_LETTERS("espalier.dead-letters", Partitions.ONE, Settings.DEAD_LETTERS);
    // @formatter:on

    /** The largest record, on the wire and in the topics: states of large jobs pass Kafka's default of one MiB. */
    public static final int LARGEST_RECORD = 8 << 20;

    /** How many partitions; the same for all topics that must agree. */
    public enum Partitions {
        ONE, BY_JOB
    }

    private static final class Settings {
        private static final String SIZE = Integer.toString(LARGEST_RECORD);
        private static final String WEEK_MILLIS = "604800000";

        static final Map<String, String> WEEK = Map.of("cleanup.policy", "delete", "retention.ms", WEEK_MILLIS,
                "max.message.bytes", SIZE);
        /** The active segment is never compacted: small segments keep the topic small. */
        static final Map<String, String> LATEST = Map.of("cleanup.policy", "compact", "segment.bytes", "33554432",
                "segment.ms", "3600000", "min.cleanable.dirty.ratio", "0.2", "max.message.bytes", SIZE);
        static final Map<String, String> LATEST_OF_WEEK = Map.of("cleanup.policy", "compact,delete", "retention.ms",
                WEEK_MILLIS);
        /** Retention would silently drop tasks that nobody started; the coordinator trims what is done. */
        static final Map<String, String> FOREVER = Map.of("cleanup.policy", "delete", "retention.ms", "-1",
                "max.message.bytes", SIZE);
        /** For people, who may take their time; but nobody can fill the disk with what he sends. */
        static final Map<String, String> DEAD_LETTERS = Map.of("cleanup.policy", "delete", "retention.ms", "-1",
                "retention.bytes", "268435456", "segment.bytes", "33554432",
                "errors.deadletterqueue.group.enable", "true", "max.message.bytes", SIZE);
    }

    private final String topicName;
    private final Partitions partitions;
    private final Map<String, String> config;

    Topic(String topicName, Partitions partitions, Map<String, String> config) {
        this.topicName = topicName;
        this.partitions = partitions;
        this.config = config;
    }

    public String topicName() {
        return topicName;
    }

    public Partitions partitions() {
        return partitions;
    }

    public Map<String, String> config() {
        return config;
    }

    public static Topic tasks(WorkerKind kind) {
        return switch (kind) {
            case SCORING -> TASKS_SCORING;
            case GPU -> TASKS_GPU;
            case EVAL -> TASKS_EVAL;
        };
    }

    /** Name of the share group whose members serve a task topic. */
    public static String workersGroup(WorkerKind kind) {
        return "espalier." + kind.label() + "-workers";
    }
}
