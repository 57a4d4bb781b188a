package io.espalier.platform.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.id.TaskId;
import io.espalier.protocol.id.WorkerId;
import io.espalier.protocol.message.ArtifactRef;
import io.espalier.protocol.message.Control;
import io.espalier.protocol.message.FailureKind;
import io.espalier.protocol.message.ModelSource;
import io.espalier.protocol.message.StageName;
import io.espalier.protocol.message.Task;
import io.espalier.protocol.message.TaskReport;
import io.espalier.protocol.message.Work;
import io.espalier.protocol.request.ComputeType;
import io.espalier.protocol.request.Evaluation;
import io.espalier.protocol.topic.Json;
import io.espalier.protocol.topic.Topic;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Headers;
import org.junit.jupiter.api.Test;

class EventCodecTest {
    private static final JobId JOB = new JobId("stories-1");
    private static final TaskId TASK = new TaskId(JOB, 5, 0, 2);
    private static final ArtifactRef CHECKPOINT = ArtifactRef.file("a".repeat(64), 12);
    private static final EventCodec CODEC = new EventCodec("eval-1");

    @Test
    void aTaskComesBackAsItWas() throws Exception {
        var task = new Task(TASK, StageName.EVALUATE,
                new Work.Perplexity(new ModelSource.Folder("/models/a", "b".repeat(64)),
                        new Evaluation.Perplexity("wikitext2", "/data/w.txt", 128, null)),
                2, 4, CHECKPOINT, Instant.parse("2026-11-24T12:00:00.123Z"), true);
        assertThat(EventCodec.decode(received(CODEC.encode(Topic.TASKS_EVAL, JOB, task)), Task.class)).isEqualTo(task);
    }

    /** So equal work of jobs from before there were parts is found, and what they left waiting is understood. */
    @Test
    void onlyAPartSaysWhichItIs() throws Exception {
        var protocol = new Evaluation.Perplexity("wikitext2", "/data/w.txt", 128, null);
        var model = new ModelSource.Folder("/models/a", "b".repeat(64));
        var whole = new Work.Perplexity(model, protocol);
        var part = new Work.Perplexity(model, protocol, ComputeType.FLOAT32, new Work.Part(1, 3));

        String written = Json.events().writeValueAsString(whole);
        assertThat(written).doesNotContain("part");
        assertThat(Json.events().readValue(written, Work.class)).isEqualTo(whole);
        assertThat(Json.events().readValue(Json.events().writeValueAsString(part), Work.class)).isEqualTo(part);
    }

    @Test
    void headersAreThoseOfCloudEventsInBinaryMode() {
        var failed = new TaskReport.Failed(TASK, 1, new WorkerId("eval-1"), Instant.now(), FailureKind.TRANSIENT,
                "disk full", null, null);
        ProducerRecord<String, byte[]> record = CODEC.encode(Topic.REPORTS, JOB, failed);
        assertThat(record.topic()).isEqualTo("espalier.reports");
        assertThat(record.key()).isEqualTo("stories-1");
        Headers headers = record.headers();
        assertThat(text(headers, "ce_specversion")).isEqualTo("1.0");
        assertThat(text(headers, "ce_type")).isEqualTo("io.espalier.attempt.failed.v1");
        assertThat(text(headers, "ce_source")).isEqualTo("/espalier/eval-1");
        assertThat(text(headers, "ce_subject")).isEqualTo("stories-1/5/0/2");
        assertThat(Instant.parse(text(headers, "ce_time"))).isBeforeOrEqualTo(Instant.now());
        assertThat(text(headers, "ce_id")).hasSize(36);
        assertThat(text(headers, "content-type")).isEqualTo("application/json");
    }

    @Test
    void keysOfANewerVersionAreIgnored() throws Exception {
        byte[] newer = "{\"job\":\"stories-1\",\"wish\":\"HOLD\",\"because\":\"of rain\"}".getBytes(UTF_8);
        var record = new ConsumerRecord<>("espalier.control", 0, 0, "stories-1", newer);
        assertThat(EventCodec.decode(record, Control.class)).isEqualTo(new Control(JOB, Control.Wish.HOLD));
    }

    @Test
    void whatIsNotTheMessageIsUnreadableAndSaysWhereItIs() {
        var record = new ConsumerRecord<>("espalier.control", 0, 17, "k", "{\"job\":\"UPPER\"}".getBytes(UTF_8));
        assertThatThrownBy(() -> EventCodec.decode(record, Control.class))
                .isInstanceOf(UnreadableEventException.class)
                .hasMessageContaining("espalier.control-0@17 is not a Control").hasMessageContaining("UPPER");
        var tombstone = new ConsumerRecord<String, byte[]>("espalier.control", 0, 18, "k", null);
        assertThatThrownBy(() -> EventCodec.decode(tombstone, Control.class))
                .isInstanceOf(UnreadableEventException.class).hasMessageContaining("has no value");
    }

    @Test
    void whatHasNoEventTypeCannotTravel() {
        assertThatThrownBy(() -> CODEC.encode(Topic.CONTROL, JOB, "text"))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("java.lang.String");
    }

    @Test
    void aDeadLetterKeepsTheRecordAndSaysWhy() {
        var record = new ConsumerRecord<>("espalier.tasks.gpu", 0, 5, "stories-1", "garbage".getBytes(UTF_8));
        record.headers().add("trace", "1".getBytes(UTF_8));
        var letter = DeadLetter.of(record, new UnreadableEventException("not a task"));
        assertThat(letter.topic()).isEqualTo("espalier.dead-letters");
        assertThat(text(letter.headers(), "trace")).isEqualTo("1");

        DeadLetter read = DeadLetter.read(received(letter));
        assertThat(read.topic()).isEqualTo("espalier.tasks.gpu");
        assertThat(read.offset()).isEqualTo(5);
        assertThat(read.reason()).isEqualTo("not a task");
        assertThat(read.stack()).contains("UnreadableEventException: not a task", "EventCodecTest");
        assertThat(read.value()).asString(UTF_8).isEqualTo("garbage");
    }

    static ConsumerRecord<String, byte[]> received(ProducerRecord<String, byte[]> sent) {
        var record = new ConsumerRecord<>(sent.topic(), 0, 0, sent.key(), sent.value());
        sent.headers().forEach(record.headers()::add);
        return record;
    }

    private static String text(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), UTF_8);
    }
}
