package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Job;
import io.espalier.coordinator.log.JobBook.Entry;
import io.espalier.coordinator.log.JobBook.Written;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.KafkaSettings;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.id.JobId;
import io.espalier.protocol.topic.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Reads the state of the jobs of some partitions from the log, up to its end. */
final class JobLogReader {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaSettings kafka;

    JobLogReader(KafkaSettings kafka) {
        this.kafka = kafka;
    }

    Map<Integer, JobBook> read(Collection<Integer> partitions, Instant now) {
        Map<Integer, JobBook> books = new HashMap<>();
        partitions.forEach(partition -> books.put(partition, new JobBook()));
        if (partitions.isEmpty()) {
            return books;
        }
        List<TopicPartition> log = partitions.stream().map(p -> new TopicPartition(Topic.JOB_LOG.topicName(), p))
                .toList();
        try (var consumer = new KafkaConsumer<String, byte[]>(kafka.consumer("espalier-job-log"))) {
            consumer.assign(log);
            consumer.seekToBeginning(log);
            Map<TopicPartition, Long> ends = consumer.endOffsets(log);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    replay(books.get(record.partition()), record, now);
                }
            }
        }
        return books;
    }

    private static void replay(JobBook book, ConsumerRecord<String, byte[]> record, Instant now) {
        if (record.value() == null) {
            book.remove(new JobId(record.key()));
            return;
        }
        try {
            Job job = EventCodec.decode(record, Job.class);
            var written = new Written(job.revision(), now);
            book.put(new Entry(job, written, written));
        } catch (UnreadableEventException e) {
            throw new IllegalStateException("the job log cannot be read, was it written by a newer version?", e);
        }
    }
}
