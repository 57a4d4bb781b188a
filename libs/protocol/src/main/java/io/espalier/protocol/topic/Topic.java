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
    REQUESTS("espalier.requests", Partitions.BY_JOB, Map.of("cleanup.policy", "delete", "retention.ms", "604800000")),
    /** Latest public state of each job, for readers. */
    JOBS("espalier.jobs", Partitions.BY_JOB, Map.of("cleanup.policy", "compact")),
    /** The coordinator's own state of each job; nobody else reads it. */
    JOB_LOG("espalier.job-log", Partitions.BY_JOB, Map.of("cleanup.policy", "compact")),
    /** Which jobs workers must hold or drop; small, read from the start by every worker. */
    CONTROL("espalier.control", Partitions.ONE,
            Map.of("cleanup.policy", "compact,delete", "retention.ms", "604800000")), TASKS_SCORING(
                    "espalier.tasks.scoring", Partitions.ONE, Settings.TASKS), TASKS_GPU("espalier.tasks.gpu",
                            Partitions.ONE, Settings.TASKS), TASKS_EVAL("espalier.tasks.eval", Partitions.ONE,
                                    Settings.TASKS), REPORTS("espalier.reports", Partitions.BY_JOB,
                                            Map.of("cleanup.policy", "delete", "retention.ms",
                                                    "604800000")), DEAD_LETTERS("espalier.dead-letters", Partitions.ONE,
                                                            Map.of("cleanup.policy", "delete", "retention.ms", "-1",
                                                                    "errors.deadletterqueue.group.enable", "true"));

    /** How many partitions; the same for all topics that must agree. */
    public enum Partitions {
        ONE, BY_JOB
    }

    private static final class Settings {
        /** Retention would silently drop tasks that nobody started; the coordinator trims what is done. */
        static final Map<String, String> TASKS = Map.of("cleanup.policy", "delete", "retention.ms", "-1");
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
