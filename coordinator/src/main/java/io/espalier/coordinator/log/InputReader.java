package io.espalier.coordinator.log;

import io.espalier.coordinator.job.Input;
import io.espalier.coordinator.job.Trace;
import io.espalier.coordinator.trace.JobSpans;
import io.espalier.platform.kafka.CommandReader;
import io.espalier.platform.kafka.EventCodec;
import io.espalier.platform.kafka.UnreadableEventException;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.request.PruningRequest;
import io.espalier.protocol.topic.Topic;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Turns records of the two input topics into inputs. */
final class InputReader {
    /** Far below what a record may hold: a job's state holds its request and what its tasks found several times. */
    private static final int LARGEST_INPUT = 1 << 20;

    private final Submission submission;
    private final Partitioning partitioning;
    private final JobSpans spans;

    InputReader(Submission submission, Partitioning partitioning, JobSpans spans) {
        this.submission = submission;
        this.partitioning = partitioning;
        this.spans = spans;
    }

    /**
     * @throws UnreadableEventException if it is not what the topic carries
     * @throws io.espalier.protocol.request.InvalidRequestException if a request is wrong
     */
    List<Routed> read(ConsumerRecord<String, byte[]> record, Instant now) throws UnreadableEventException {
        boolean large = record.value() != null && record.value().length > LARGEST_INPUT;
        if (record.topic().equals(Topic.REPORTS.topicName())) {
            TaskReport report = EventCodec.decode(record, TaskReport.class);
            return List.of(new Routed.Here(report.task().job(), new Input.Reported(large
                    ? tooLarge(report, record.value().length)
                    : report, now)));
        }
        if (large) {
            throw new UnreadableEventException("a request of " + record.value().length + " bytes is too large, at most "
                    + LARGEST_INPUT);
        }
        Command command = CommandReader.read(record);
        if (command instanceof Command.Submit submit) {
            List<Command.Submit> parts = submission.split(submit.job(), submit.request());
            return parts.stream().map(part -> parts.size() == 1
                    ? route(record, part, now)
                    : new Routed.Elsewhere(part)).toList();
        }
        return List.of(route(record, command, now));
    }

    private static TaskReport tooLarge(TaskReport report, int bytes) {
        return new TaskReport.Failed(report.task(), report.attempt(), report.worker(), report.at(),
                FailureKind.PERMANENT, "what the task found does not fit into an event: " + bytes + " bytes, at most "
                        + LARGEST_INPUT,
                null, null);
    }

    private Routed route(ConsumerRecord<String, byte[]> record, Command command, Instant now) {
        if (partitioning.of(command.job()) != record.partition()) {
            return new Routed.Elsewhere(command);
        }
        return new Routed.Here(command.job(), command instanceof Command.Submit submit
                ? submitted(record, submit, now)
                : new Input.Commanded(command, now));
    }

    private Input submitted(ConsumerRecord<String, byte[]> record, Command.Submit submit, Instant now) {
        PruningRequest request = submission.read(submit.request());
        Trace trace = spans.accepted(record.headers(), record.topic(), submit.job().value(), now);
        return new Input.Submitted(submit.job(), request, Submission.digest(request), trace, now);
    }
}
