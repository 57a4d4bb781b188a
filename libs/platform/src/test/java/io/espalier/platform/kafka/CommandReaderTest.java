package io.espalier.platform.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.protocol.id.JobId;
import io.espalier.protocol.message.Command;
import io.espalier.protocol.topic.Topic;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandReaderTest {
    private static final JobId JOB = new JobId("stories-1");

    @Test
    void aCommandThatWeWroteComesBack() throws Exception {
        var codec = new EventCodec("test");
        for (Command command : new Command[]{new Command.Cancel(JOB), new Command.Pause(JOB),
            new Command.Resume(JOB), new Command.Retry(JOB), new Command.Delete(JOB)}) {
            assertThat(CommandReader.read(EventCodecTest.received(codec.encode(Topic.REQUESTS, JOB, command))))
                    .isEqualTo(command);
        }
    }

    @Test
    void aBareRequestWithoutHeadersIsASubmission() throws Exception {
        Command command = CommandReader.read(record("stories-1", "{\"model\": \"m\"}", Map.of()));
        assertThat(command).isInstanceOfSatisfying(Command.Submit.class, submit -> {
            assertThat(submit.job()).isEqualTo(JOB);
            assertThat(submit.request().get("model").textValue()).isEqualTo("m");
        });
    }

    @Test
    void withoutKeyAJobIsNamedByItsPlace() throws Exception {
        JobId first = CommandReader.read(record(null, "{\"model\": \"m\"}", Map.of())).job();
        assertThat(CommandReader.read(record(null, "{\"model\": \"m\"}", Map.of())).job()).isEqualTo(first);
        assertThat(first.value()).startsWith("event-");
    }

    @Test
    void anEventSentTwiceIsOneJob() throws Exception {
        Map<String, String> headers = Map.of("ce_type", "io.espalier.pruning.requested.v1", "ce_id", "4711",
                "ce_source", "/shop");
        var first = new ConsumerRecord<>("espalier.requests", 0, 1, "Not A Job Id", "{}".getBytes(UTF_8));
        var second = new ConsumerRecord<>("espalier.requests", 0, 2, (String) null, "{}".getBytes(UTF_8));
        headers.forEach((name, value) -> {
            first.headers().add(name, value.getBytes(UTF_8));
            second.headers().add(name, value.getBytes(UTF_8));
        });
        assertThat(CommandReader.read(first).job()).isEqualTo(CommandReader.read(second).job());
    }

    @Test
    void anEventOfACommandNamesItsJobByKeyOrBody() throws Exception {
        Map<String, String> cancel = Map.of("ce_type", "io.espalier.cancel.requested.v1");
        assertThat(CommandReader.read(record("stories-1", "", cancel))).isEqualTo(new Command.Cancel(JOB));
        assertThat(CommandReader.read(record(null, "{\"job\":\"stories-1\"}", cancel)))
                .isEqualTo(new Command.Cancel(JOB));
    }

    @ParameterizedTest
    @ValueSource(strings = {"not json", "[1, 2]", "\"text\"", "{\"type\":\"explode\"}", "{\"a\":1} trailing",
        "{\"type\":\"cancel\",\"job\":\"NOT LEGAL\"}", "{\"type\":{\"a\":1}}"})
    void whatIsNoCommandIsUnreadable(String value) {
        assertThatThrownBy(() -> CommandReader.read(record("stories-1", value, Map.of())))
                .isInstanceOf(UnreadableEventException.class).hasMessageContaining("espalier.requests-0@7");
    }

    @Test
    void anEventOfAnotherKindIsUnreadable() {
        Map<String, String> report = Map.of("ce_type", "io.espalier.attempt.started.v1");
        assertThatThrownBy(() -> CommandReader.read(record("stories-1", "{}", report)))
                .isInstanceOf(UnreadableEventException.class).hasMessageContaining("is not a command");
    }

    private static ConsumerRecord<String, byte[]> record(String key, String value, Map<String, String> headers) {
        var record = new ConsumerRecord<>("espalier.requests", 0, 7, key, value.getBytes(UTF_8));
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        return record;
    }
}
