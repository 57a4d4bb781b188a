package io.espalier.coordinator.log;

import io.espalier.protocol.id.JobId;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Which partition a job lives in: that of Kafka's Java client for the job's id as key. Other clients partition
 * otherwise; what they send to another partition is forwarded.
 */
record Partitioning(int partitions) {
    int of(JobId job) {
        return BuiltInPartitioner.partitionForKey(job.value().getBytes(StandardCharsets.UTF_8), partitions);
    }
}
