package io.espalier.coordinator.log;

import io.espalier.protocol.message.WorkerKind;
import io.espalier.protocol.topic.Topic;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** How far the workers of a kind have come in their topic. */
final class WorkersOffsets {
    private WorkersOffsets() {}

    /**
     * By partition. What lies before a start is done with; the start lags behind until something else is acknowledged, the
     * lag does not. Empty if no worker of this kind has come yet.
     */
    static Map<TopicPartition, SharePartitionOffsetInfo> of(Admin admin, WorkerKind kind, long patienceSeconds)
            throws ExecutionException, InterruptedException, TimeoutException {
        String group = Topic.workersGroup(kind);
        try {
            return admin.listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group).get(patienceSeconds, TimeUnit.SECONDS).entrySet().stream()
                    .filter(each -> each.getValue() != null && each.getValue().startOffset() >= 0)
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return Map.of();
            }
            throw e;
        }
    }
}
